package org.plenum.intake;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;
import org.plenum.platform.ServiceException;

/**
 * Reads messages and finds whom and what they name. Ids are derived from the business key, or from
 * the JMSMessageID without one, so that a double has the ids of the original. Thread-safe; may
 * block for the database.
 */
public final class LegacyDirectory {
  private static final Logger LOG = Logger.getLogger(LegacyDirectory.class.getName());
  private static final int KEYS = 10_000;
  private static final Duration KEY_LIFE = Duration.ofMinutes(1);

  private final LegacyCommands reader;
  private final AccountService accounts;
  private final GroupQueryService groups;
  private final Cache<String, GroupId> keys =
      Caffeine.newBuilder().maximumSize(KEYS).expireAfterWrite(KEY_LIFE).build();

  /** A directory on these services. */
  public LegacyDirectory(LegacyCommands reader, AccountService accounts, GroupQueryService groups) {
    this.reader = reader;
    this.accounts = accounts;
    this.groups = groups;
  }

  /**
   * The command of a message.
   *
   * @throws ServiceException with a permanent code: wrong type, or unreadable
   */
  LegacyCommand read(LegacyMessage message) {
    String text = message.text();
    if (text == null) {
      throw new ServiceException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          message.type() + " is refused unread: send a TextMessage");
    }
    return reader.read(text);
  }

  /**
   * Finds accounts and the group.
   *
   * @param creating groups that earlier messages of the batch create, by key; added to
   * @throws ServiceException ACCOUNT_NOT_FOUND, ACCOUNT_DISABLED, GROUP_NOT_FOUND, or a transient
   *     code when they cannot be looked up
   */
  LegacyLetter address(
      int index, LegacyMessage message, LegacyCommand command, Map<String, GroupId> creating) {
    String identity = command.businessKey();
    String namespace = identity == null ? "jms-id" : "jms";
    if (identity == null) {
      identity = message.messageId();
    }
    UUID clientId = Ids.ofName(namespace, identity);
    Actor actor = account(command.from());
    return switch (command) {
      case LegacyCommand.CreateGroup create -> {
        GroupId group = new GroupId(Ids.ofName(namespace + "-group", identity));
        GroupCommand asked = asked(create);
        if (create.key() != null) {
          creating.putIfAbsent(create.key(), group);
        }
        yield new LegacyLetter(index, message, command, clientId, actor, group, null, asked);
      }
      case LegacyCommand.InGroup inGroup -> {
        GroupCommand asked = asked(inGroup);
        GroupId group = inGroup.group().id();
        String key = inGroup.group().key();
        if (group != null || key == null) {
          yield new LegacyLetter(
              index, message, command, clientId, actor, Objects.requireNonNull(group), null, asked);
        }
        GroupId known = find(key);
        GroupId coming = known == null ? creating.get(key) : null;
        if (coming != null) {
          yield new LegacyLetter(index, message, command, clientId, actor, coming, key, asked);
        }
        if (known == null) {
          throw noGroup(key);
        }
        yield new LegacyLetter(index, message, command, clientId, actor, known, null, asked);
      }
    };
  }

  /**
   * The group of a letter whose turn it is.
   *
   * @throws ServiceException GROUP_NOT_FOUND when the message that was to create it did not
   */
  GroupId groupOf(LegacyLetter letter) {
    String key = letter.keyInBatch();
    if (key == null) {
      return letter.group();
    }
    GroupId created = find(key);
    if (created == null) {
      throw noGroup(key);
    }
    return created;
  }

  /** Remembers a new group's key before the reader knows it. */
  void applied(LegacyLetter letter, CommandAnswer.Accepted answer) {
    if (letter.legacy() instanceof LegacyCommand.CreateGroup create && create.key() != null) {
      keys.put(create.key(), answer.group());
    }
  }

  private GroupCommand asked(LegacyCommand command) {
    return switch (command) {
      case LegacyCommand.CreateGroup create -> {
        List<Actor> members = new ArrayList<>();
        for (String name : create.members()) {
          members.add(account(name));
        }
        yield new GroupCommand.CreateGroup(
            create.type(),
            create.groupName(),
            create.topic(),
            create.postingRule(),
            create.retentionDays(),
            create.key(),
            members);
      }
      case LegacyCommand.AddMember add -> new GroupCommand.AddMember(account(add.member()));
      case LegacyCommand.RemoveMember remove ->
          new GroupCommand.RemoveMember(account(remove.member()));
      case LegacyCommand.Post post -> new GroupCommand.PostMessage(post.text(), post.replyTo());
    };
  }

  private Actor account(String name) {
    Account account = lookUp(() -> accounts.byName(name).orElse(null));
    if (account == null) {
      throw new ServiceException(ErrorCode.ACCOUNT_NOT_FOUND, "there is no account " + name);
    }
    if (account.disabled()) {
      throw new ServiceException(
          ErrorCode.ACCOUNT_DISABLED, "the account " + name + " is disabled");
    }
    return account.actor();
  }

  private @Nullable GroupId find(String key) {
    GroupId cached = keys.getIfPresent(key);
    if (cached != null) {
      return cached;
    }
    GroupId found = lookUp(() -> groups.byKey(key).orElse(null));
    if (found != null) {
      keys.put(key, found);
    }
    return found;
  }

  private static <T> @Nullable T lookUp(Lookup<T> lookup) {
    try {
      return lookup.get();
    } catch (ServiceException e) {
      throw e;
    } catch (RuntimeException e) {
      // Not the message's fault: tried again, and bounded by the redelivery guard.
      LOG.log(Level.WARNING, "a look-up for a legacy message failed", e);
      throw new ServiceException(ErrorCode.READ_UNAVAILABLE, "a look-up failed", null, e);
    }
  }

  private interface Lookup<T> {
    @Nullable T get();
  }

  private static ServiceException noGroup(String key) {
    return new ServiceException(ErrorCode.GROUP_NOT_FOUND, "there is no group with the key " + key);
  }
}
