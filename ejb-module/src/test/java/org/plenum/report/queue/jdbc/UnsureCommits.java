package org.plenum.report.queue.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;
import javax.sql.DataSource;

/**
 * Connections that break in some of their commits: in half of these the database did it, and nobody
 * hears of it. For one thread.
 */
final class UnsureCommits {
  private final DataSource real;
  private final Random random;
  private double rate;
  private int done;
  private int undone;

  UnsureCommits(DataSource real, Random random, double rate) {
    this.real = real;
    this.random = random;
    this.rate = rate;
  }

  DataSource dataSource() {
    return proxy(
        DataSource.class,
        (method, arguments) -> {
          Object answer = invoke(real, method, arguments);
          return answer instanceof Connection connection ? breaking(connection) : answer;
        });
  }

  private Connection breaking(Connection connection) {
    return proxy(
        Connection.class,
        (method, arguments) -> {
          if (!method.getName().equals("commit") || random.nextDouble() >= rate) {
            return invoke(connection, method, arguments);
          }
          if (random.nextBoolean()) {
            connection.commit();
            done++;
          } else {
            connection.rollback();
            undone++;
          }
          throw new SQLException("the connection broke in its commit", "08006");
        });
  }

  /** From now on nothing breaks. */
  void heal() {
    rate = 0;
  }

  int done() {
    return done;
  }

  int undone() {
    return undone;
  }

  private interface Call {
    Object with(Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> call.with(method, arguments)));
  }

  private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
