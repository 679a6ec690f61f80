package org.plenum.container;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.annotation.Resource;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.OperateOnDeployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.container.annotation.ArquillianTest;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.ReadPoint;
import org.plenum.platform.Ids;

/**
 * One application after another in a server that goes on: steps of one story, in their order. What
 * a step leaves to the next is in system properties of the server. Comes last in the run, since it
 * ends with a deployment that fails.
 */
@ArquillianTest
@Order(Integer.MAX_VALUE)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RedeploymentH2IT {
  private static final String PLENUM = "plenum";
  private static final String MISCONFIGURED = "misconfigured";
  private static final String GROUP = "redeployment.group";
  private static final String EPOCH = "redeployment.epoch";
  private static final String LEFT_BEHIND = "redeployment-test";
  private static final Actor ADA = new Actor(1_000_001, "Ada Lovelace");

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  @Inject private GroupCommandService commands;
  @Inject private GroupQueryService queries;

  @ArquillianResource private Deployer deployer;

  private final Clock clock = Clock.systemUTC();

  @Deployment(name = PLENUM, managed = false)
  static EnterpriseArchive plenum() {
    Environment.useH2();
    return Archives.plenumWith(RedeploymentH2IT.class);
  }

  @Deployment(name = MISCONFIGURED, managed = false, testable = false)
  static EnterpriseArchive misconfigured() {
    return Archives.plenum("misconfigured.ear")
        .addAsLibrary(
            ShrinkWrap.create(JavaArchive.class, "bad-config.jar")
                .addAsResource(
                    new StringAsset("plenum.writer.batch=0\nplenum.update.poll=soon\n"),
                    "META-INF/microprofile-config.properties"));
  }

  @Test
  @Order(1)
  @RunAsClient
  void theApplicationIsDeployed() {
    deployer.deploy(PLENUM);
  }

  @Test
  @Order(2)
  @OperateOnDeployment(PLENUM)
  void itWritesAndFillsTheCaches() throws Exception {
    GroupId group = GroupId.newId(clock);
    send(
        group,
        new GroupCommand.CreateGroup(
            GroupType.PUBLIC, "Stays", "", PostingRule.EVERYONE, 0, null, List.of()));
    send(group, new GroupCommand.PostMessage("from the first deployment", null));
    groups().put(LEFT_BEHIND, new byte[] {1, 2, 3});
    System.setProperty(GROUP, group.toString());
    System.setProperty(EPOCH, Long.toString(epoch()));
  }

  @Test
  @Order(3)
  @RunAsClient
  void theApplicationIsReplaced() {
    deployer.undeploy(PLENUM);
    deployer.deploy(PLENUM);
  }

  @Test
  @Order(4)
  @OperateOnDeployment(PLENUM)
  void theCachesOfTheDataGridAreStillThereAndReadable() throws NamingException {
    assertThat(groups().get(LEFT_BEHIND)).containsExactly(1, 2, 3);
    // Under the epoch of the first deployment or, once this one has taken over, of its own.
    String key = "/" + System.getProperty(GROUP);
    boolean kept = false;
    for (Cache.Entry<String, byte[]> entry : groups()) {
      kept |= entry != null && entry.getKey().endsWith(key);
    }
    assertThat(kept).isTrue();
    groups().remove(LEFT_BEHIND);
  }

  @Test
  @Order(5)
  @OperateOnDeployment(PLENUM)
  void theNextWriterHasAHigherEpochAndContinuesTheSequence() throws Exception {
    assertThat(epoch()).isGreaterThan(Long.parseLong(System.getProperty(EPOCH)));
    GroupId group = GroupId.parse(System.getProperty(GROUP));
    CommandAnswer.Accepted answer =
        send(group, new GroupCommand.PostMessage("from the second deployment", null));
    List<byte[]> entries =
        queries
            .historyFrom(ADA.id(), group, answer.seq() - 1, 10, ReadPoint.of(answer.revision()))
            .entries();
    assertThat(entries)
        .extracting(json -> new String(json, StandardCharsets.UTF_8))
        .satisfiesExactly(
            first -> assertThat(first).contains("from the first deployment"),
            second -> assertThat(second).contains("from the second deployment"));
  }

  @Test
  @Order(6)
  @RunAsClient
  void aMisconfiguredApplicationIsRefusedAndTheReasonsAreNamed() throws Exception {
    deployer.undeploy(PLENUM);
    assertThatThrownBy(() -> deployer.deploy(MISCONFIGURED)).isNotNull();
    String log = Files.readString(Environment.server().domain().resolve("logs/server.log"));
    assertThat(log)
        .contains(
            "Plenum cannot start here:",
            "configuration key plenum.writer.batch (integer 1..",
            "configuration key plenum.update.poll (duration): 'soon' needs a unit");
  }

  private static Cache<String, byte[]> groups() throws NamingException {
    CacheManager caching = InitialContext.doLookup("payara/CacheManager");
    return caching.getCache("plenum-groups", String.class, byte[].class);
  }

  private long epoch() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT epoch FROM writer_lease")) {
      row.next();
      return row.getLong(1);
    }
  }

  private CommandAnswer.Accepted send(GroupId group, GroupCommand command) throws Exception {
    return commands
        .submit(
            new CommandEnvelope(
                Ids.newId(clock),
                group,
                ADA,
                false,
                command,
                Durability.DISK,
                clock.instant().plusSeconds(20)))
        .toCompletableFuture()
        .get(20, SECONDS)
        .orThrow();
  }
}
