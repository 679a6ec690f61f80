package org.plenum.account;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;

/** Row of the table {@code account}; rows are inserted by {@link JpaAccountRepository} alone. */
@Entity
@Table(name = "account")
@SuppressWarnings("NullAway.Init") // filled by the persistence provider
public class AccountEntity {
  @Id private long id;

  @Column(name = "name")
  private String name;

  @Column(name = "display_name")
  private String displayName;

  @Column(name = "admin")
  private boolean admin;

  @Column(name = "disabled")
  private boolean disabled;

  @Column(name = "password_hash")
  private @Nullable String passwordHash;

  @Column(name = "created_at")
  private OffsetDateTime createdAt;

  @Column(name = "tokens_valid_from")
  private @Nullable OffsetDateTime tokensValidFrom;

  protected AccountEntity() {}

  Account toAccount() {
    Account account = new Account(id, name, displayName, admin, disabled, createdAt.toInstant());
    return tokensValidFrom == null
        ? account
        : account.withTokensValidFrom(tokensValidFrom.toInstant());
  }

  @Nullable String passwordHash() {
    return passwordHash;
  }

  void setPasswordHash(String hash) {
    this.passwordHash = hash;
  }

  void setTokensValidFrom(OffsetDateTime from) {
    this.tokensValidFrom = from;
  }

  void setDisabled(boolean value) {
    this.disabled = value;
  }
}
