package org.plenum.web.group;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.Actor;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** The accounts that a command is about. Thread-safe; may block for the database. */
@ApplicationScoped
public class Subjects {
  @Inject private AccountService accounts;

  /**
   * The account with this id.
   *
   * @throws ServiceException ACCOUNT_NOT_FOUND
   */
  public Actor actor(long id) {
    return accounts.byId(id).map(Account::actor).orElseThrow(() -> unknown(id));
  }

  /**
   * The accounts with these ids, each once.
   *
   * @throws ServiceException ACCOUNT_NOT_FOUND when one is unknown
   */
  public List<Actor> actors(List<Long> ids) {
    Map<Long, Account> known = accounts.byIds(ids);
    List<Actor> actors = new ArrayList<>();
    for (Long id : new LinkedHashSet<>(ids)) {
      Account account = known.get(id);
      if (account == null) {
        throw unknown(id);
      }
      actors.add(account.actor());
    }
    return actors;
  }

  private static ServiceException unknown(long id) {
    return new ServiceException(ErrorCode.ACCOUNT_NOT_FOUND, "there is no account " + id);
  }
}
