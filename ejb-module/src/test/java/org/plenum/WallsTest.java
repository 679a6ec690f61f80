package org.plenum;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;

/** The walls of the house: who may know whom. */
@AnalyzeClasses(packages = "org.plenum", importOptions = ImportOption.DoNotIncludeTests.class)
class WallsTest {
  @ArchTest
  static final ArchRule domainIsPlainJava =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.plenum.group.domain..", "org.plenum.group.api..", "org.plenum.report.api..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jakarta..", "java.sql..", "javax.sql..");

  @ArchTest
  static final ArchRule messagingStaysBehindItsNames =
      noClasses()
          .that()
          .haveSimpleNameNotStartingWith("Jms")
          .and()
          .haveSimpleNameNotEndingWith("Producer")
          .and()
          .haveSimpleNameNotEndingWith("Consumer")
          .and()
          .areTopLevelClasses()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jakarta.jms..");

  @ArchTest
  static final ArchRule persistenceStaysBehindItsName =
      noClasses()
          .that()
          .haveSimpleNameNotStartingWith("Jpa")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("jakarta.persistence.EntityManager");

  /** On H2 it is the session's and stays on the pooled connection. */
  @ArchTest
  static final ArchRule aStatementsLimitIsSetByItsHelper =
      noClasses()
          .that()
          .doNotHaveSimpleName("QueryTimeout")
          .and()
          .doNotHaveSimpleName("H2Copy")
          .should()
          .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.name("setQueryTimeout")));

  @ArchTest
  static final ArchRule onlyTheReaderTouchesTheCaches =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.plenum.reader..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("javax.cache..", "com.hazelcast..");

  @ArchTest
  static final ArchRule theReverseProxyIsTheBalancersOwn =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.plenum.balancer..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.undertow..", "org.xnio..", "org.plenum.balancer");

  @ArchTest
  static final ArchRule theWriterIsReachedThroughItsPort =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.plenum.writer..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.plenum.writer");

  @ArchTest
  static final ArchRule theDeciderIsTheWritersOwn =
      noClasses()
          .that()
          .resideOutsideOfPackages("org.plenum.writer..", "org.plenum.group..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.plenum.group.domain..");

  @ArchTest
  static final ArchRule theReaderDoesNotKnowTheWriter =
      noClasses()
          .that()
          .resideInAPackage("org.plenum.reader..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.plenum.writer..");

  @ArchTest
  static final ArchRule theBufferedQueueIsOfUseOnItsOwn =
      noClasses()
          .that()
          .resideInAPackage("org.plenum.report.queue..")
          .should()
          .dependOnClassesThat(
              JavaClass.Predicates.resideOutsideOfPackages(
                  "java..", "javax.sql..", "org.jspecify..", "org.plenum.report.queue.."));

  /** The container refuses the deployment otherwise. */
  @ArchTest
  static final ArchRule lifecycleMethodsThrowNothingChecked =
      methods()
          .that()
          .areAnnotatedWith(PostConstruct.class)
          .or()
          .areAnnotatedWith(PreDestroy.class)
          .should()
          .notDeclareThrowableOfType(Exception.class)
          .andShould()
          .notDeclareThrowableOfType(InterruptedException.class);
}
