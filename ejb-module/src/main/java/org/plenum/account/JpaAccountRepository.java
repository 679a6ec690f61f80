package org.plenum.account;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.transaction.Transactional;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** Accounts in the relational database. */
@ApplicationScoped
@Transactional(Transactional.TxType.SUPPORTS)
public class JpaAccountRepository implements AccountRepository {
  @PersistenceContext(unitName = "plenum")
  private EntityManager entities;

  @Override
  public Optional<Account> byId(long id) {
    return entity(id).map(AccountEntity::toAccount);
  }

  @Override
  public List<Account> byIds(Collection<Long> ids) {
    if (ids.isEmpty()) {
      return List.of();
    }
    return entities
        .createQuery("select a from AccountEntity a where a.id in :ids", AccountEntity.class)
        .setParameter("ids", ids)
        .getResultStream()
        .map(AccountEntity::toAccount)
        .toList();
  }

  @Override
  public Optional<Stored> byName(String name) {
    return entities
        .createQuery("select a from AccountEntity a where a.name = :name", AccountEntity.class)
        .setParameter("name", name)
        .getResultStream()
        .findFirst()
        .map(entity -> new Stored(entity.toAccount(), entity.passwordHash()));
  }

  @Override
  public List<Account> search(String prefix, String afterName, int limit) {
    String pattern = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
    return entities
        .createQuery(
            "select a from AccountEntity a where a.name > :after and (a.name like :pattern escape"
                + " '\\' or lower(a.displayName) like :pattern escape '\\') order by a.name",
            AccountEntity.class)
        .setParameter("after", afterName)
        .setParameter("pattern", pattern)
        .setMaxResults(limit)
        .getResultStream()
        .map(AccountEntity::toAccount)
        .toList();
  }

  @Override
  public boolean anyAdmin() {
    return entities
            .createQuery("select count(a) from AccountEntity a where a.admin = true", Long.class)
            .getSingleResult()
        > 0;
  }

  /** The database numbers the row, so that each room keeps its own rule of ids (ROM-7). */
  @Override
  @Transactional
  public Account insert(
      String name, String displayName, boolean admin, @Nullable String passwordHash, Instant now) {
    if (byName(name).isPresent()) {
      throw nameTaken(null);
    }
    try {
      entities
          .createNativeQuery(
              "insert into account (name, display_name, admin, disabled, password_hash, created_at)"
                  + " values (?1, ?2, ?3, false, nullif(?4, ''), ?5)")
          .setParameter(1, name)
          .setParameter(2, displayName)
          .setParameter(3, admin)
          .setParameter(4, passwordHash == null ? "" : passwordHash)
          .setParameter(5, now.atOffset(ZoneOffset.UTC))
          .executeUpdate();
    } catch (RuntimeException e) {
      if (isUniqueViolation(e)) {
        throw nameTaken(e);
      }
      throw e;
    }
    return byName(name).orElseThrow().account();
  }

  @Override
  @Transactional
  public boolean replacePasswordHash(long id, String old, String hash) {
    return entities
            .createQuery(
                "update AccountEntity a set a.passwordHash = :hash"
                    + " where a.id = :id and a.passwordHash = :old")
            .setParameter("hash", hash)
            .setParameter("id", id)
            .setParameter("old", old)
            .executeUpdate()
        > 0;
  }

  @Override
  @Transactional
  public Optional<Account> setPassword(long id, String hash, Instant tokensValidFrom) {
    Optional<AccountEntity> found = entity(id);
    found.ifPresent(
        entity -> {
          entity.setPasswordHash(hash);
          entity.setTokensValidFrom(tokensValidFrom.atOffset(ZoneOffset.UTC));
        });
    return found.map(AccountEntity::toAccount);
  }

  @Override
  @Transactional
  public Optional<Account> setDisabled(long id, boolean disabled) {
    Optional<AccountEntity> found = entity(id);
    found.ifPresent(entity -> entity.setDisabled(disabled));
    return found.map(AccountEntity::toAccount);
  }

  private Optional<AccountEntity> entity(long id) {
    return Optional.ofNullable(entities.find(AccountEntity.class, id));
  }

  private static ServiceException nameTaken(@Nullable Throwable cause) {
    return new ServiceException(
        ErrorCode.ACCOUNT_NAME_TAKEN, "another account has this name", null, cause);
  }

  private static boolean isUniqueViolation(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && "23505".equals(sql.getSQLState())) {
        return true;
      }
    }
    return false;
  }
}
