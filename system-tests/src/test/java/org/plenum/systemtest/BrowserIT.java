package org.plenum.systemtest;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.plenum.testkit.PlainProxy;
import org.plenum.testkit.RestClient;

/** Two people in two windows of the installed Chromium. */
@ExtendWith(OnPostgres.class)
class BrowserIT {
  private static final double PATIENCE = 60_000;

  private Playwright playwright;
  private Browser browser;

  @BeforeEach
  void startBrowser() {
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium())
                    .setHeadless(true)
                    .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));
    PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
  }

  @AfterEach
  void stopBrowser() {
    browser.close();
    playwright.close();
  }

  private static Path chromium() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no Chromium on the PATH; install it"));
  }

  @Test
  void twoPeopleChatAndARestartLosesAndDoublesNothing(Installation installation) {
    RestClient ada = installation.person("ada");
    String group = Groups.create(ada, "PUBLIC", installation.person("grace"));
    String name = Groups.mine(ada, group).path("group").path("name").asText();
    Page hers = signedIn(installation, "ada");
    Page theirs = signedIn(installation, "grace");
    open(hers, name);
    open(theirs, name);

    write(hers, name, "hello grace");
    assertThat(message(theirs, "hello grace")).hasCount(1);
    write(theirs, name, "<b>hello</b> ada");
    assertThat(message(hers, "<b>hello</b> ada")).hasCount(1);

    installation.server().kill();
    write(hers, name, "written while the server was away");
    installation.server().restart();

    LocatorAssertions.HasCountOptions patient =
        new LocatorAssertions.HasCountOptions().setTimeout(PATIENCE);
    assertThat(message(theirs, "written while the server was away")).hasCount(1, patient);
    write(theirs, name, "back again");
    assertThat(message(hers, "back again")).hasCount(1, patient);
    for (String text :
        List.of("hello grace", "<b>hello</b> ada", "written while the server was away")) {
      assertThat(message(hers, text)).hasCount(1);
      assertThat(message(theirs, text)).hasCount(1);
    }
    Assertions.assertEquals(
        List.of(
            "hello grace", "<b>hello</b> ada", "written while the server was away", "back again"),
        Groups.texts(Groups.history(ada, group)));
  }

  @Test
  void whereNoWebSocketIsLetThroughThePageChatsOverEventsAndRest(Installation installation) {
    RestClient ada = installation.person("ada");
    String group = Groups.create(ada, "PUBLIC", installation.person("grace"));
    String name = Groups.mine(ada, group).path("group").path("name").asText();
    try (PlainProxy proxy = PlainProxy.before(installation.server().httpPort())) {
      Page hers = signedIn(installation, "ada");
      Page theirs = signedIn("http://127.0.0.1:" + proxy.port() + "/plenum/", "grace");
      open(hers, name);
      open(theirs, name);
      assertThat(theirs.getByText("Basic connection")).isVisible();

      write(theirs, name, "from behind the proxy");
      assertThat(message(hers, "from behind the proxy")).hasCount(1);
      write(hers, name, "to behind the proxy");
      assertThat(message(theirs, "to behind the proxy")).hasCount(1);

      assertThat(hers.getByText("Basic connection")).hasCount(0);
      Assertions.assertTrue(proxy.refused() > 0, "the proxy saw no upgrade");
      Assertions.assertEquals(
          List.of("from behind the proxy", "to behind the proxy"),
          Groups.texts(Groups.history(ada, group)));
    }
  }

  private Page signedIn(Installation installation, String person) {
    return signedIn(installation.server().application() + "/", person);
  }

  private Page signedIn(String address, String person) {
    Page page = browser.newContext().newPage();
    page.navigate(URI.create(address).toString());
    page.locator("input[name=name]").fill(person);
    page.locator("input[name=password]").fill("demo-" + person);
    page.locator("input[name=password]").press("Enter");
    assertThat(page.getByRole(AriaRole.NAVIGATION)).isVisible();
    return page;
  }

  private static void open(Page page, String group) {
    page.getByRole(AriaRole.NAVIGATION)
        .getByText(group, new Locator.GetByTextOptions().setExact(true))
        .first()
        .click();
    assertThat(page.getByLabel("Message " + group)).isVisible();
  }

  private static void write(Page page, String group, String text) {
    Locator box = page.getByLabel("Message " + group);
    box.fill(text);
    box.press("Enter");
  }

  private static Locator message(Page page, String text) {
    return page.locator("article.message").filter(new Locator.FilterOptions().setHasText(text));
  }
}
