package org.plenum.web.account;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountChanged;
import org.plenum.account.api.AccountService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.web.api.Call;
import org.plenum.web.api.ListResponse;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;
import org.plenum.web.limits.RateLimits;

/** Accounts: looking people up, and their administration. */
@Path("/")
@ApplicationScoped
@Tag(name = "Accounts")
@Produces(MediaType.APPLICATION_JSON)
public class AccountsResource {
  private static final int MAX_QUERY = 100;

  @Inject private AccountService accounts;
  @Inject private RateLimits limits;
  @Inject private Event<AccountChanged> changes;

  /** A new account; without a password it signs in elsewhere only. */
  public record CreateAccountRequest(
      @Nullable String name,
      @Nullable String displayName,
      boolean admin,
      @Nullable String password) {}

  /** A new password; the present one proves that the caller is the owner. */
  public record PasswordRequest(@Nullable String password, @Nullable String currentPassword) {}

  @GET
  @Path("me")
  @Operation(summary = "The caller's own account")
  public AccountResponse me(@Context ContainerRequestContext context) {
    return AccountResponse.of(Call.of(context).account());
  }

  @GET
  @Path("accounts")
  @Operation(summary = "Accounts whose name or display name starts with a text")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, INVALID_CURSOR",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public ListResponse<AccountResponse> search(
      @QueryParam("q") @DefaultValue("") String query,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("limit") @Nullable String limit) {
    if (query.length() > MAX_QUERY) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, "q has at most " + MAX_QUERY + " characters");
    }
    return ListResponse.of(accounts.search(query, cursor, Call.limit(limit)), AccountResponse::of);
  }

  @GET
  @Path("accounts/{account}")
  @Operation(summary = "One account")
  @APIResponse(
      responseCode = "default",
      description = "Problems: ACCOUNT_NOT_FOUND",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public AccountResponse account(@PathParam("account") String id) {
    return AccountResponse.of(existing(id));
  }

  @POST
  @Path("accounts")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Create an account (platform administrators)")
  @APIResponse(
      responseCode = "201",
      description = "Created",
      content = @Content(schema = @Schema(implementation = AccountResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, FORBIDDEN, ACCOUNT_NAME_TAKEN",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public Response create(
      @Nullable CreateAccountRequest request, @Context ContainerRequestContext context) {
    Call.of(context).requireAdmin();
    CreateAccountRequest body = Call.required(request, "the body");
    String name = Call.required(body.name(), "name");
    String displayName = body.displayName();
    Account account =
        accounts.create(
            name, displayName == null ? name : displayName, body.admin(), body.password());
    return Response.created(URI.create("accounts/" + account.id()))
        .entity(AccountResponse.of(account))
        .build();
  }

  @PUT
  @Path("accounts/{account}/password")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary =
          "Set a password: one's own, or as an administrator another's; ends all sign-ins so far")
  @APIResponse(responseCode = "204", description = "Changed")
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, FORBIDDEN, ACCOUNT_NOT_FOUND",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public Response setPassword(
      @PathParam("account") String id,
      @Nullable PasswordRequest request,
      @Context ContainerRequestContext context) {
    Call call = Call.of(context);
    PasswordRequest body = Call.required(request, "the body");
    String password = Call.required(body.password(), "password");
    long account = Call.accountId(id);
    if (account == call.account().id()) {
      String current = Call.required(body.currentPassword(), "currentPassword");
      limits.signIns().acquire(call.account().name());
      if (accounts.authenticate(call.account().name(), current).isEmpty()) {
        throw new ServiceException(ErrorCode.FORBIDDEN, "the current password is wrong");
      }
    } else {
      call.requireAdmin();
    }
    accounts.setPassword(account, password);
    changes.fire(new AccountChanged(account));
    return Response.noContent().build();
  }

  @POST
  @Path("accounts/{account}/disable")
  @Operation(summary = "Disable an account (platform administrators)")
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN, ACCOUNT_NOT_FOUND",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public AccountResponse disable(
      @PathParam("account") String id, @Context ContainerRequestContext context) {
    return setDisabled(id, context, true);
  }

  @POST
  @Path("accounts/{account}/enable")
  @Operation(summary = "Enable an account (platform administrators)")
  @APIResponse(
      responseCode = "default",
      description = "Problems: FORBIDDEN, ACCOUNT_NOT_FOUND",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public AccountResponse enable(
      @PathParam("account") String id, @Context ContainerRequestContext context) {
    return setDisabled(id, context, false);
  }

  private AccountResponse setDisabled(
      String id, ContainerRequestContext context, boolean disabled) {
    Call call = Call.of(context);
    call.requireAdmin();
    Account account = existing(id);
    if (account.id() == call.account().id()) {
      throw new ServiceException(ErrorCode.FORBIDDEN, "nobody disables the own account");
    }
    accounts.setDisabled(account.id(), disabled);
    changes.fire(new AccountChanged(account.id()));
    return AccountResponse.of(existing(id));
  }

  private Account existing(String id) {
    return accounts
        .byId(Call.accountId(id))
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.ACCOUNT_NOT_FOUND, "there is no account with this id"));
  }
}
