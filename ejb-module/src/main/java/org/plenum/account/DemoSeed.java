package org.plenum.account;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Logger;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.platform.Ids;

/**
 * Demo people and groups, made through the normal services. Each step carries a client id derived
 * from what it does, so that it takes effect once however often it is repeated.
 */
final class DemoSeed {
  private static final Logger LOG = Logger.getLogger(DemoSeed.class.getName());
  private static final String NAMESPACE = "plenum-demo";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final List<Person> PEOPLE =
      List.of(
          new Person("ada", "Ada Lovelace", true),
          new Person("grace", "Grace Hopper", false),
          new Person("alan", "Alan Turing", false),
          new Person("linus", "Linus Torvalds", false),
          new Person("margaret", "Margaret Hamilton", false));

  private static final List<Group> GROUPS =
      List.of(
          new Group(
              GroupType.PUBLIC,
              "General",
              "Anything and everything",
              PostingRule.EVERYONE,
              List.of("ada", "grace", "alan", "linus", "margaret"),
              List.of(
                  new Message("ada", "Welcome to Plenum! This group is open to everybody."),
                  new Message("grace", "Good to be here. Sign in twice and watch messages arrive."),
                  new Message("alan", "Can machines chat? They can at least deliver."))),
          new Group(
              GroupType.ANNOUNCEMENT,
              "Announcements",
              "News from the administrators",
              PostingRule.ADMINS,
              List.of("ada", "grace", "alan", "linus", "margaret"),
              List.of(
                  new Message(
                      "ada", "Announcements appear here; only the owner and admins post."))),
          new Group(
              GroupType.PRIVATE,
              "Project Apollo",
              "Guidance software, by invitation",
              PostingRule.EVERYONE,
              List.of("margaret", "grace", "alan", "ada"),
              List.of(
                  new Message("margaret", "Priority displays are in. Please review them today."),
                  new Message("grace", "On it. I found a moth in the last build."))),
          new Group(
              GroupType.REQUEST,
              "Help desk",
              "Ask to join, then ask away",
              PostingRule.EVERYONE,
              List.of("grace", "linus"),
              List.of(
                  new Message("grace", "Ask to join and one of us lets you in."),
                  new Message("linus", "Talk is cheap. Show me the log."))));

  private final AccountService accounts;
  private final GroupCommandService groups;
  private final Clock clock;

  DemoSeed(AccountService accounts, GroupCommandService groups, Clock clock) {
    this.accounts = accounts;
    this.groups = groups;
    this.clock = clock;
  }

  /**
   * Makes what is missing.
   *
   * @return whether all is there; false when the writer was not ready and a later try may help
   */
  boolean run() throws InterruptedException {
    for (Person person : PEOPLE) {
      if (accounts.byName(person.name).isEmpty()) {
        accounts.create(person.name, person.displayName, person.admin, "demo-" + person.name);
      }
    }
    for (Group group : GROUPS) {
      if (!seed(group)) {
        return false;
      }
    }
    LOG.info("the demo people and groups are there");
    return true;
  }

  private boolean seed(Group group) throws InterruptedException {
    GroupId id = new GroupId(Ids.ofName(NAMESPACE, group.name));
    List<Account> members = new ArrayList<>();
    for (String name : group.members) {
      members.add(accounts.byName(name).orElseThrow());
    }
    GroupCommand create =
        new GroupCommand.CreateGroup(
            group.type,
            group.name,
            group.topic,
            group.rule,
            0,
            null,
            members.stream().skip(1).map(Account::actor).toList());
    if (!done(id, members.getFirst(), "create " + group.name, create)) {
      return false;
    }
    for (Message message : group.messages) {
      Account author = accounts.byName(message.author).orElseThrow();
      GroupCommand post = new GroupCommand.PostMessage(message.text, null);
      if (!done(id, author, "post " + group.name + ": " + message.text, post)) {
        return false;
      }
    }
    return true;
  }

  /** A rejection that no retry heals is final: somebody has changed the demo group since. */
  private boolean done(GroupId group, Account author, String step, GroupCommand command)
      throws InterruptedException {
    CommandEnvelope envelope =
        new CommandEnvelope(
            Ids.ofName(NAMESPACE, step),
            group,
            author.actor(),
            false,
            command,
            Durability.DISK,
            clock.instant().plus(PATIENCE));
    try {
      CommandAnswer answer =
          groups
              .submit(envelope)
              .toCompletableFuture()
              .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return switch (answer) {
        case CommandAnswer.Accepted accepted -> true;
        case CommandAnswer.Rejected rejected -> !rejected.code().transientFault();
      };
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private record Person(String name, String displayName, boolean admin) {}

  private record Message(String author, String text) {}

  /** The first of the members owns the group. */
  private record Group(
      GroupType type,
      String name,
      String topic,
      PostingRule rule,
      List<String> members,
      List<Message> messages) {}
}
