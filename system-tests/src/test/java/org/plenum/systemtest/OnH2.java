package org.plenum.systemtest;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Runs on the shared {@link Installation} on H2: one class after the other, beside the classes of
 * the other installations. A class may restart the server and leaves it running.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(Installations.class)
@ResourceLock("installation on H2")
@interface OnH2 {}
