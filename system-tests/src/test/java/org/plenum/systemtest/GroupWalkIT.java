package org.plenum.systemtest;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.plenum.systemtest.Chromium.composer;
import static org.plenum.systemtest.Chromium.listed;
import static org.plenum.systemtest.Chromium.message;
import static org.plenum.systemtest.Chromium.open;
import static org.plenum.systemtest.Chromium.write;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.plenum.testkit.RestClient;

/**
 * Every operation on groups, members and messages by two people on the page: Grace leads, Linus is
 * the other one. Each test has a group of its own; the windows are shared.
 */
@OnPostgres
class GroupWalkIT {
  private static final String GRACE = "Grace Hopper";
  private static final String LINUS = "Linus Torvalds";

  private static Chromium chromium;
  private static Page grace;
  private static Page linus;
  private static RestClient graceApi;
  private static RestClient linusApi;

  @BeforeAll
  static void openWindows(Installation installation) {
    chromium = new Chromium();
    grace = chromium.signedIn(installation, "grace");
    linus = chromium.signedIn(installation, "linus");
    graceApi = installation.person("grace");
    linusApi = installation.person("linus");
  }

  @AfterAll
  static void closeWindows() {
    chromium.close();
  }

  @Test
  void aPublicGroupIsMadeFoundJoinedAndLeft() {
    String name = created("PUBLIC");
    card(linus, name).getByText("Join", exactly()).click();
    assertThat(composer(linus, name)).isVisible();
    write(linus, name, "I found it");
    assertThat(message(grace, "I found it")).hasCount(1);

    settings(linus).getByText("Leave", exactly()).last().click();
    confirm(linus, "Leave");
    assertThat(listed(linus, name)).hasCount(0);
    assertThat(grace.getByText(LINUS + " left")).isVisible();
  }

  @Test
  void aRequestIsDeclinedThenApproved() {
    String name = created("REQUEST");
    card(linus, name).getByText("Ask to join").click();
    assertThat(card(linus, name).getByText("Asked to join")).isVisible();
    grace.getByText("Answer", new Page.GetByTextOptions().setExact(true)).click();
    grace.getByLabel("Decline " + LINUS).click();

    card(linus, name).getByText("Ask to join").click();
    person(LINUS).getByText("Approve").click();
    assertThat(person(LINUS).getByText("Member")).isVisible();
    open(linus, name);
  }

  @Test
  void aPrivateGroupIsSeenByWhoIsInvitedAndAcceptsOrDeclines() {
    String name = created("PRIVATE");
    linus.navigate(place(linus, "#discover"));
    linus.getByLabel("Search groups").fill(name);
    assertThat(linus.getByText("No group found")).isVisible();
    invite(name);
    answer("Decline");
    assertThat(linus.getByText("No invitations")).isVisible();
    assertThat(person(LINUS)).hasCount(0);

    invite(name);
    answer("Accept");
    assertThat(composer(linus, name)).isVisible();
    assertThat(person(LINUS).getByText("Member")).isVisible();
  }

  @Test
  void inAnAnnouncementGroupOnlyItsLeadersWrite() {
    String name = created("ANNOUNCEMENT");
    card(linus, name).getByText("Join", exactly()).click();
    assertThat(linus.getByText("Only the owner and admins post in this group.")).isVisible();
    write(grace, name, "The office is closed on Monday");
    assertThat(message(linus, "The office is closed on Monday")).hasCount(1);

    act(LINUS, "Make admin");
    assertThat(composer(linus, name)).isVisible();
    act(LINUS, "Make member");
    assertThat(composer(linus, name)).hasCount(0);
  }

  @Test
  void settingsAreSeenAtOnce() {
    String name = joint();
    Locator dialog = settings(grace);
    dialog.getByLabel("Name").fill(name + " II");
    dialog.getByLabel("Topic").fill("Ships and shoes");
    dialog.getByLabel("Who posts").selectOption("ADMINS");
    dialog.getByLabel("Messages are kept").selectOption("30");
    dialog.getByText("Save").click();
    assertThat(linus.locator("h1")).containsText(name + " II");
    assertThat(linus.getByText("Ships and shoes").first()).isVisible();
    assertThat(linus.getByText("Only the owner and admins post in this group.")).isVisible();
    assertThat(settings(grace).getByLabel("Messages are kept")).hasValue("30");
    grace.keyboard().press("Escape");
  }

  @Test
  void whoIsMutedReadsAndWritesAgainLater() {
    String name = joint();
    act(LINUS, "Mute…");
    dialog(grace).getByText("1 hour").click();
    dialog(grace).getByText("Mute", exactly()).click();
    assertThat(linus.getByText("You are muted in this group")).isVisible();
    write(grace, name, "think about it");
    assertThat(message(linus, "think about it")).hasCount(1);
    act(LINUS, "Unmute");
    assertThat(composer(linus, name)).isVisible();
  }

  @Test
  void whoIsRemovedMayComeBackAndWhoIsBannedMayNot() {
    String name = joint();
    act(LINUS, "Remove from group");
    confirm(grace, "Remove");
    linus.getByText("Join the group").click();
    assertThat(composer(linus, name)).isVisible();

    act(LINUS, "Ban");
    confirm(grace, "Ban");
    assertThat(linus.getByText("You are banned from this group.")).isVisible();
    act(LINUS, "Lift the ban");
    linus.reload();
    linus.getByText("Join the group").click();
    assertThat(composer(linus, name)).isVisible();
  }

  @Test
  void theGroupIsHandedOverAndItsFirstOwnerLeaves() {
    String name = joint();
    act(LINUS, "Hand the group over");
    confirm(grace, "Hand over");
    assertThat(person(LINUS).getByText("Owner")).isVisible();
    assertThat(settings(linus).getByText("Dissolve", exactly()).first()).isVisible();
    linus.keyboard().press("Escape");
    settings(grace).getByText("Leave", exactly()).last().click();
    confirm(grace, "Leave");
    assertThat(listed(grace, name)).hasCount(0);
  }

  @Test
  void aGroupIsArchivedRestoredAndDissolved() {
    String name = joint();
    settings(grace).getByText("Archive", exactly()).last().click();
    assertThat(linus.getByText("This group is archived.")).isVisible();
    settings(grace).getByText("Restore", exactly()).last().click();
    assertThat(composer(linus, name)).isVisible();
    settings(grace).getByText("Dissolve", exactly()).last().click();
    confirm(grace, "Dissolve");
    assertThat(listed(grace, name)).hasCount(0);
    assertThat(listed(linus, name)).hasCount(0);
  }

  @Test
  void messagesAreAnsweredEditedAndRecalled() {
    String name = joint();
    write(linus, name, "first thoughts");
    message(grace, "first thoughts").hover();
    message(grace, "first thoughts").getByLabel("Reply").click();
    write(grace, name, "an answer");
    assertThat(message(linus, "an answer").locator(".quote")).containsText("first thoughts");

    composer(grace, name).press("ArrowUp");
    grace.getByLabel("Edit the message").fill("a better one");
    grace.getByLabel("Edit the message").press("Enter");
    assertThat(message(linus, "a better one").locator(".edited")).isVisible();

    message(linus, "first thoughts").first().hover();
    message(linus, "first thoughts").first().getByLabel("Recall").click();
    confirm(linus, "Recall");
    assertThat(grace.getByText("This message was recalled.")).isVisible();
    assertThat(grace.getByText("first thoughts")).hasCount(0);
  }

  @Test
  void unreadMessagesAreCountedAndHistoryIsReadByScrolling() {
    String name = joint();
    linus.navigate(place(linus, "#discover"));
    String group = group(name);
    List<String> texts = IntStream.range(0, 130).mapToObj(i -> "line " + i).toList();
    texts.forEach(text -> Groups.post(graceApi, group, text));
    Locator row = linus.locator(".group-row").filter(new Locator.FilterOptions().setHasText(name));
    assertThat(row.locator(".badge")).hasText("99+");

    open(linus, name);
    assertThat(message(linus, "line 129")).hasCount(1);
    Locator beginning = linus.getByText("This is the beginning of");
    linus.locator(".timeline").focus();
    for (int turn = 0; turn < 40 && !beginning.isVisible(); turn++) {
      linus.keyboard().press("Home");
      linus.waitForTimeout(100);
    }
    assertThat(beginning).isVisible();
    Assertions.assertEquals(texts, linus.locator("article.message .text").allInnerTexts());
    linus.getByLabel("Jump to the latest message").click();
    assertThat(row.locator(".badge")).hasCount(0);
  }

  // ---- what the tests do on the page

  /** Grace makes a group on the page and has it open. */
  private static String created(String type) {
    String name = "Walk " + UUID.randomUUID();
    grace.getByLabel("New group").first().click();
    dialog(grace).getByLabel("Name", new Locator.GetByLabelOptions().setExact(true)).fill(name);
    dialog(grace).locator("label.choice:has(input[value=" + type + "])").click();
    dialog(grace).getByText("Create group").click();
    assertThat(composer(grace, name)).isVisible();
    return name;
  }

  /** A public group of both, open in both windows. */
  private static String joint() {
    String group = Groups.create(graceApi, "PUBLIC", linusApi);
    String name = Groups.mine(graceApi, group).path("group").path("name").asText();
    open(grace, name);
    open(linus, name);
    return name;
  }

  private static String group(String name) {
    String address = listed(grace, name).locator("xpath=ancestor::a").getAttribute("href");
    return address.substring(address.indexOf('/') + 1);
  }

  private static String place(Page page, String hash) {
    return page.url().replaceAll("#.*", "") + hash;
  }

  /** The group on the page where groups are found. */
  private static Locator card(Page page, String name) {
    page.navigate(place(page, "#discover"));
    page.getByLabel("Search groups").fill(name);
    return page.locator(".group-card").filter(new Locator.FilterOptions().setHasText(name));
  }

  private static Locator dialog(Page page) {
    return page.getByRole(AriaRole.DIALOG);
  }

  private static Locator settings(Page page) {
    assertThat(dialog(page)).hasCount(0);
    page.getByLabel("Group settings").click();
    return dialog(page);
  }

  private static void confirm(Page page, String action) {
    dialog(page)
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(action).setExact(true))
        .click();
    try {
      assertThat(dialog(page)).hasCount(0);
    } catch (AssertionFailedError e) {
      throw new AssertionFailedError(action + " left " + dialog(page).innerText(), e);
    }
  }

  /** Somebody in Grace's panel of members. */
  private static Locator person(String name) {
    Locator panel = grace.locator("aside.panel");
    if (!panel.isVisible()) {
      grace.getByTitle("Members").click();
    }
    return panel.locator("li.person").filter(new Locator.FilterOptions().setHasText(name));
  }

  private static void act(String name, String action) {
    person(name).getByLabel("Actions for " + name).click();
    grace
        .getByRole(AriaRole.MENUITEM, new Page.GetByRoleOptions().setName(action).setExact(true))
        .click();
  }

  private static void invite(String name) {
    person(GRACE);
    grace.getByText("Invite", new Page.GetByTextOptions().setExact(true)).click();
    dialog(grace).getByLabel("Search people").fill("linus");
    dialog(grace).locator(".pick").filter(new Locator.FilterOptions().setHasText(LINUS)).click();
    confirm(grace, "Invite");
    assertThat(person(LINUS)).isVisible();
  }

  private static void answer(String how) {
    linus.navigate(place(linus, "#invitations"));
    linus.locator(".group-card").getByText(how).first().click();
  }

  private static Locator.GetByTextOptions exactly() {
    return new Locator.GetByTextOptions().setExact(true);
  }
}
