package org.plenum.update;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.group.api.Actor;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupEvent.GroupChanged;
import org.plenum.group.api.GroupEvent.GroupCreated;
import org.plenum.group.api.GroupEvent.GroupStatusChanged;
import org.plenum.group.api.GroupEvent.HistoryTrimmed;
import org.plenum.group.api.GroupEvent.MemberChanged;
import org.plenum.group.api.GroupEvent.MessageEdited;
import org.plenum.group.api.GroupEvent.MessagePosted;
import org.plenum.group.api.GroupEvent.MessageRecalled;
import org.plenum.group.api.GroupEvent.Settings;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;

/**
 * The JSON of every kind of entry, byte for byte. When the form grows, the old files stay and new
 * ones come beside them: what was once written stays readable for ever.
 */
class UpdateCodecGoldenTest {
  private static final Actor ADA = new Actor(7, "Ada Lovelace");
  private static final Actor GRACE = new Actor(8, "Grace \"Amazing\" Hopper");
  private static final Instant AT = Instant.parse("2026-11-22T20:51:00.120Z");
  private static final Instant LATER = Instant.parse("2026-11-22T20:52:00Z");
  private static final UUID CLIENT_ID = UUID.fromString("0192f3a4-b5c6-7d8e-8f90-a1b2c3d4e5f6");
  private static final String TEXT = "Zo\u00eb says \"hi\" \\ \ud83d\ude80\n\u0001</script>";

  private final EntryCodec codec = new EntryCodec();

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_MARKED")
  void everyKindIsWrittenAndReadAsInItsFile(EntryKind kind) throws IOException {
    GroupEvent event = event(kind);
    byte[] golden = golden(kind.wire());

    assertThat(new String(codec.encode(57, 31, AT, ADA, CLIENT_ID, event), UTF_8))
        .isEqualTo(new String(golden, UTF_8));
    assertThat(codec.decode(golden))
        .isEqualTo(new Entry(57, 31, AT, ADA, CLIENT_ID, event, null, null));
  }

  @Test
  void aRootMessageWithoutClientIdHasOnlyWhatItNeeds() throws IOException {
    GroupEvent event = new MessagePosted("hello", null);

    assertThat(codec.encode(57, 31, AT, ADA, null, event)).isEqualTo(golden("message.posted-root"));
    assertThat(codec.decode(golden("message.posted-root")))
        .isEqualTo(new Entry(57, 31, AT, ADA, null, event, null, null));
  }

  @Test
  void anEditedMessageShowsTheNewTextInPlaceOfTheOld() throws IOException {
    byte[] edited = codec.edited(golden("message.posted"), "second", LATER);

    assertThat(edited).isEqualTo(golden("message.posted-edited"));
    assertThat(codec.decode(edited))
        .isEqualTo(
            new Entry(57, 31, AT, ADA, CLIENT_ID, new MessagePosted("second", 40L), LATER, null));
    assertThat(codec.edited(codec.edited(golden("message.posted"), "first", AT), "second", LATER))
        .isEqualTo(edited);
  }

  @Test
  void aRecalledMessageHasNoText() throws IOException {
    byte[] recalled = codec.recalled(golden("message.posted"), LATER);

    assertThat(recalled).isEqualTo(golden("message.posted-recalled"));
    assertThat(codec.decode(recalled))
        .isEqualTo(new Entry(57, 31, AT, ADA, CLIENT_ID, new MessagePosted("", 40L), null, LATER));
  }

  @Test
  void aRecallTakesTheTextOfEditsToo() throws IOException {
    byte[] recalled = codec.recalled(golden("message.edited"), LATER);

    assertThat(recalled).isEqualTo(golden("message.edited-recalled"));
    assertThat(codec.decode(recalled).event()).isEqualTo(new MessageEdited(40, ""));
  }

  @Test
  void whatIsRecalledStaysRecalled() throws IOException {
    byte[] recalled = golden("message.posted-recalled");

    assertThat(codec.edited(recalled, "back again", LATER)).isEqualTo(recalled);
    assertThat(codec.recalled(recalled, AT)).isEqualTo(recalled);
  }

  @Test
  void fieldsOfNewerVersionsAreSkippedAndKept() throws IOException {
    byte[] newer = golden("message.posted-newer");

    assertThat(codec.decode(newer))
        .isEqualTo(
            new Entry(57, 31, AT, ADA, CLIENT_ID, new MessagePosted("hello", null), null, null));
    assertThat(new String(codec.edited(newer, "new", LATER), UTF_8))
        .contains("\"mentions\":[{\"id\":8,\"at\":[0,5]}]", "\"flags\":{\"a\":{\"b\":null}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{}",
        "7",
        "{\"seq\":1,\"kind\":\"message.posted\",\"at\":\"2026-11-22T20:51:00.120Z\",\"no\":1}",
        "{\"seq\":1,\"kind\":\"no.such\",\"at\":\"2026-11-22T20:51:00.120Z\",\"no\":1}",
        "{\"seq\":1,\"at\":\"yesterday\"}",
      })
  void whatIsNoEntryIsRefused(String json) {
    assertThatThrownBy(() -> codec.decode(json.getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void timesAreCutToMillisecondsAndAlwaysHaveThree() {
    Map<String, String> times = new LinkedHashMap<>();
    times.put("2026-11-22T20:51:00Z", "2026-11-22T20:51:00.000Z");
    times.put("2026-11-22T20:51:00.000999999Z", "2026-11-22T20:51:00.000Z");
    times.put("2000-02-29T23:59:59.9Z", "2000-02-29T23:59:59.900Z");
    times.put("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z");
    times.put("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z");

    times.forEach(
        (instant, text) ->
            assertThat(Timestamps.format(Instant.parse(instant))).as(instant).isEqualTo(text));
    assertThatThrownBy(() -> Timestamps.format(Instant.MAX))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static GroupEvent event(EntryKind kind) {
    Settings settings =
        new Settings(GroupType.REQUEST, "Help desk", "Ask \u00fcs", PostingRule.ADMINS, 30);
    return switch (kind) {
      case GROUP_CREATED -> new GroupCreated(settings, "erp/7");
      case GROUP_CHANGED -> new GroupChanged(settings);
      case GROUP_ARCHIVED, GROUP_RESTORED, GROUP_DISSOLVED -> new GroupStatusChanged(kind);
      case MEMBER_MUTED -> new MemberChanged(kind, GRACE, null, LATER);
      case ROLE_CHANGED -> new MemberChanged(kind, GRACE, Role.ADMIN, null);
      case MESSAGE_POSTED -> new MessagePosted(TEXT, 40L);
      case MESSAGE_EDITED -> new MessageEdited(40, TEXT);
      case MESSAGE_RECALLED -> new MessageRecalled(40);
      case HISTORY_TRIMMED -> new HistoryTrimmed(40);
      default -> new MemberChanged(kind, GRACE);
    };
  }

  private static byte[] golden(String name) throws IOException {
    try (InputStream in =
        UpdateCodecGoldenTest.class.getResourceAsStream("/golden/entries/" + name + ".json")) {
      if (in == null) {
        throw new AssertionError("no golden file " + name);
      }
      byte[] bytes = in.readAllBytes();
      // The files end with a line feed, entries do not.
      return Arrays.copyOf(bytes, bytes.length - 1);
    }
  }
}
