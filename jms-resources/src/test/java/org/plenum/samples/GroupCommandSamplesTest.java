package org.plenum.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.plenum.intake.LegacyCommands;
import org.plenum.platform.ServiceException;

/** Schema, samples and reader say the same. */
class GroupCommandSamplesTest {
  private static final LegacyCommands READER = new LegacyCommands(65_536);

  static Stream<Path> valid() throws IOException {
    return Files.list(Path.of("samples/valid")).sorted();
  }

  static Stream<Path> invalid() throws IOException {
    return Files.list(Path.of("samples/invalid")).sorted();
  }

  @ParameterizedTest
  @MethodSource("valid")
  void aValidSampleIsTakenBySchemaAndReader(Path sample) throws IOException {
    String text = Files.readString(sample);

    assertThat(schema().validate(text, InputFormat.JSON)).isEmpty();
    assertThat(READER.read(text)).isNotNull();
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void anInvalidSampleIsRefusedBySchemaAndReader(Path sample) throws IOException {
    String text = Files.readString(sample);

    assertThat(schema().validate(text, InputFormat.JSON)).isNotEmpty();
    assertThatThrownBy(() -> READER.read(text)).isInstanceOf(ServiceException.class);
  }

  private static JsonSchema schema() throws IOException {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(Files.readString(Path.of("schemas/group-command.v1.schema.json")));
  }
}
