package org.plenum.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer.Rejected;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportJson;

/** Schema, samples and reader of reports say the same. */
class ReportSamplesTest {
  private static final ReportJson READER = new ReportJson();
  private static final ReportChecks CHECKS = new ReportChecks(65_536);

  static Stream<Path> valid() throws IOException {
    return Files.list(Path.of("samples/reports/valid")).sorted();
  }

  static Stream<Path> invalid() throws IOException {
    return Files.list(Path.of("samples/reports/invalid")).sorted();
  }

  @ParameterizedTest
  @MethodSource("valid")
  void aValidSampleIsTakenBySchemaAndReader(Path sample) throws IOException {
    String text = Files.readString(sample);

    assertThat(schema().validate(text, InputFormat.JSON)).isEmpty();
    assertThat(read(text)).isNotNull();
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void anInvalidSampleIsRefusedBySchemaAndReader(Path sample) throws IOException {
    String text = Files.readString(sample);

    assertThat(schema().validate(text, InputFormat.JSON)).isNotEmpty();
    assertThatThrownBy(() -> read(text)).isInstanceOf(ServiceException.class);
  }

  /** As the intakes do it. */
  private static NewReport read(String text) {
    NewReport report = READER.read(text).report("jms", "ID:1", Instant.EPOCH, ReportChannel.JMS);
    Rejected problem = CHECKS.problem(report);
    if (problem != null) {
      throw new ServiceException(problem.code(), problem.detail());
    }
    ReportEffect unused = ReportEffect.of(report);
    return report;
  }

  private static JsonSchema schema() throws IOException {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(Files.readString(Path.of("schemas/report.v1.schema.json")));
  }
}
