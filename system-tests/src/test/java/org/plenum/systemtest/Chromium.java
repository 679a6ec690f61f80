package org.plenum.systemtest;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The installed Chromium without a screen, with a window of its own for each person. */
final class Chromium implements AutoCloseable {
  private static final double PATIENCE = 20_000;

  private final Playwright playwright;
  private final Browser browser;

  Chromium() {
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(executable())
                    .setHeadless(true)
                    .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE);
  }

  private static Path executable() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no Chromium on the PATH; install it"));
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }

  /** A window that nobody has signed in to. */
  Page window() {
    Page page = browser.newContext().newPage();
    page.setDefaultTimeout(PATIENCE);
    return page;
  }

  /** A window of one of the demo people, signed in. */
  Page signedIn(Installation installation, String person) {
    return signedIn(installation.server().application() + "/", person);
  }

  /** The same at another address. */
  Page signedIn(String address, String person) {
    Page page = window();
    page.navigate(URI.create(address).toString());
    page.locator("input[name=name]").fill(person);
    page.locator("input[name=password]").fill("demo-" + person);
    page.locator("input[name=password]").press("Enter");
    assertThat(page.getByRole(AriaRole.NAVIGATION)).isVisible();
    return page;
  }

  /** Opens a group from the list. */
  static void open(Page page, String group) {
    listed(page, group).click();
    assertThat(composer(page, group)).isVisible();
  }

  /** The group's row in the list of my groups. */
  static Locator listed(Page page, String group) {
    return page.getByRole(AriaRole.NAVIGATION)
        .getByText(group, new Locator.GetByTextOptions().setExact(true))
        .first();
  }

  static Locator composer(Page page, String group) {
    return page.getByLabel("Message " + group, new Page.GetByLabelOptions().setExact(true));
  }

  static void write(Page page, String group, String text) {
    composer(page, group).fill(text);
    composer(page, group).press("Enter");
  }

  static Locator message(Page page, String text) {
    return page.locator("article.message").filter(new Locator.FilterOptions().setHasText(text));
  }
}
