package org.plenum.systemtest;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Runs on the {@link Installation} on PostgreSQL whose server and database are killed, paused and
 * starved: one class after the other, beside the classes of the other installations. A class leaves
 * both running.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(Installations.class)
@ResourceLock("faulty installation on PostgreSQL")
@interface OnFaultyPostgres {}
