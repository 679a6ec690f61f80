package org.plenum.systemtest;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.plenum.systemtest.Chromium.message;
import static org.plenum.systemtest.Chromium.open;
import static org.plenum.systemtest.Chromium.write;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.PlainProxy;
import org.plenum.testkit.RestClient;

/** Two people in two windows of the installed Chromium. */
@OnFaultyPostgres
class BrowserIT {
  private static final double PATIENCE = 60_000;

  private Chromium chromium;

  @BeforeEach
  void startBrowser() {
    chromium = new Chromium();
  }

  @AfterEach
  void stopBrowser() {
    chromium.close();
  }

  @Test
  void twoPeopleChatAndARestartLosesAndDoublesNothing(Installation installation) {
    RestClient ada = installation.person("ada");
    String group = Groups.create(ada, "PUBLIC", installation.person("grace"));
    String name = Groups.mine(ada, group).path("group").path("name").asText();
    Page hers = chromium.signedIn(installation, "ada");
    Page theirs = chromium.signedIn(installation, "grace");
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
      Page hers = chromium.signedIn(installation, "ada");
      Page theirs = chromium.signedIn("http://127.0.0.1:" + proxy.port() + "/plenum/", "grace");
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
}
