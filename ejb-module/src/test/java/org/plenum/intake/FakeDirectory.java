package org.plenum.intake;

import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;

/** The two look-ups that the intake makes; anything else of those ports fails the test. */
final class FakeDirectory {
  private static final Set<String> NAMES = Set.of("erp", "ada", "grace", "gone");

  private FakeDirectory() {}

  static AccountService accounts() {
    return port(
        AccountService.class,
        "byName",
        name ->
            NAMES.contains(name)
                ? Optional.of(
                    new Account(
                        name.hashCode(), name, name, false, name.equals("gone"), Instant.EPOCH))
                : Optional.empty());
  }

  static GroupQueryService groups(Function<String, Optional<GroupId>> byKey) {
    return port(GroupQueryService.class, "byKey", byKey::apply);
  }

  private static <T> T port(Class<T> type, String method, Function<String, Object> answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, called, arguments) -> {
              if (!called.getName().equals(method)) {
                throw new AssertionError("unexpected call of " + called);
              }
              return answer.apply((String) arguments[0]);
            }));
  }
}
