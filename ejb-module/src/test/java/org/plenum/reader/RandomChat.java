package org.plenum.reader;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;
import org.plenum.update.Update;
import org.plenum.writer.TestWriter;

/** People who do anything that the commands allow, by a seed. Some of it is rejected. */
final class RandomChat {
  final List<GroupId> groups = new ArrayList<>();
  final List<Actor> people =
      List.of(
          new Actor(1, "Ada"),
          new Actor(2, "Grace"),
          new Actor(3, "Alan"),
          new Actor(4, "Linus"),
          new Actor(5, "Margaret"));

  private record Act(Actor actor, GroupCommand command) {}

  private final Queue<Act> script = new ArrayDeque<>();
  private final TestWriter writer;
  private final Random random;
  private Actor requester = people.getLast();
  private Actor muted = people.getLast();

  RandomChat(TestWriter writer, Random random) {
    this.writer = writer;
    this.random = random;
    writeScript();
  }

  /** What chance seldom brings about, in the first group, which is entered by request. */
  private void writeScript() {
    Actor ada = people.get(0);
    Actor grace = people.get(1);
    Actor alan = people.get(2);
    Actor linus = people.get(3);
    act(alan, new GroupCommand.RequestToJoin());
    act(ada, new GroupCommand.DeclineRequest(alan));
    act(alan, new GroupCommand.RequestToJoin());
    act(ada, new GroupCommand.ApproveRequest(alan));
    act(ada, new GroupCommand.ChangeRole(alan, Role.ADMIN));
    act(alan, new GroupCommand.MuteMember(grace, writer.clock().instant().plusSeconds(500)));
    act(alan, new GroupCommand.UnmuteMember(grace));
    act(ada, new GroupCommand.InviteMember(linus));
    act(linus, new GroupCommand.DeclineInvitation(linus));
    act(ada, new GroupCommand.TransferOwnership(alan));
    act(alan, new GroupCommand.TransferOwnership(ada));
    act(grace, new GroupCommand.LeaveGroup());
  }

  private void act(Actor actor, GroupCommand command) {
    script.add(new Act(actor, command));
  }

  private Actor anyone() {
    return people.get(random.nextInt(people.size()));
  }

  /** Ada founds the groups, so she may do most. */
  private Actor actor() {
    return random.nextInt(3) > 0 ? people.getFirst() : anyone();
  }

  /** One more thing happens; none or several updates. */
  List<Update> step() {
    if (groups.isEmpty() || (groups.size() < 6 && random.nextInt(60) == 0)) {
      GroupId group = GroupId.newId(writer.clock());
      List<Update> updates =
          writer
              .execute(
                  group,
                  people.getFirst(),
                  new GroupCommand.CreateGroup(
                      GroupType.values()[(groups.size() + 1) % 4],
                      "Group " + groups.size(),
                      "",
                      PostingRule.EVERYONE,
                      0,
                      null,
                      groups.isEmpty() ? List.of(people.get(1)) : List.of(anyone())))
              .updates();
      if (!updates.isEmpty()) {
        groups.add(group);
      }
      return updates;
    }
    Act act = script.poll();
    if (act != null) {
      return writer.execute(groups.getFirst(), act.actor(), act.command()).updates();
    }
    GroupId group = groups.get(random.nextInt(groups.size()));
    if (random.nextInt(60) == 0) {
      return writer.trim(group, 1 + random.nextInt(100));
    }
    Actor actor = actor();
    return writer.execute(group, actor, random.nextInt(8) == 0, command(actor)).updates();
  }

  private GroupCommand command(Actor actor) {
    return switch (random.nextInt(100)) {
      case 0 -> new GroupCommand.ArchiveGroup();
      case 1, 2, 3 -> new GroupCommand.RestoreGroup();
      case 4 -> random.nextInt(6) == 0 ? new GroupCommand.DissolveGroup() : post();
      case 5, 6 -> new GroupCommand.ChangeGroup("Name " + random.nextInt(9), null, null, null);
      case 7, 8, 9, 10, 11 -> new GroupCommand.JoinGroup();
      case 12, 13 -> new GroupCommand.LeaveGroup();
      case 14, 15, 16 -> {
        requester = actor;
        yield new GroupCommand.RequestToJoin();
      }
      case 17, 18 -> new GroupCommand.ApproveRequest(anyone());
      case 19, 20 -> new GroupCommand.DeclineRequest(requester);
      case 21, 22, 23 -> new GroupCommand.InviteMember(anyone());
      case 24 -> new GroupCommand.AcceptInvitation();
      case 25, 26, 27 -> new GroupCommand.DeclineInvitation(anyone());
      case 28, 29 -> new GroupCommand.AddMember(anyone());
      case 30 -> new GroupCommand.RemoveMember(anyone());
      case 31 -> new GroupCommand.BanMember(anyone());
      case 32, 33, 34 -> new GroupCommand.UnbanMember(anyone());
      case 35, 36 -> {
        muted = anyone();
        yield new GroupCommand.MuteMember(
            muted, writer.clock().instant().plus(Duration.ofSeconds(random.nextInt(50) + 5)));
      }
      case 37, 38 -> new GroupCommand.UnmuteMember(muted);
      case 39, 40 ->
          new GroupCommand.ChangeRole(anyone(), random.nextBoolean() ? Role.ADMIN : Role.MEMBER);
      case 41 -> new GroupCommand.TransferOwnership(anyone());
      case 42 -> new GroupCommand.UnmuteMember(muted);
      case 43, 44, 45, 46, 47, 48, 49, 50, 51 ->
          new GroupCommand.EditMessage(place(), "edited " + random.nextInt(1_000));
      case 52, 53, 54, 55 -> new GroupCommand.RecallMessage(place());
      case 56, 57, 58, 59, 60, 61, 62 -> new GroupCommand.MarkRead(place());
      default -> post();
    };
  }

  private GroupCommand post() {
    return new GroupCommand.PostMessage("message " + random.nextInt(1_000_000), null);
  }

  private long place() {
    return 1 + random.nextInt(90);
  }
}
