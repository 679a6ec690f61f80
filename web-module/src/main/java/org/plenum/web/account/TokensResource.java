package org.plenum.web.account;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirements;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.web.api.Call;
import org.plenum.web.api.OpenToAll;
import org.plenum.web.api.Times;
import org.plenum.web.auth.Caller;
import org.plenum.web.auth.LocalRealm;
import org.plenum.web.auth.TokenIssuer;
import org.plenum.web.edge.ClientAddresses;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;
import org.plenum.web.limits.RateLimits;

/** Signing in with the embedded realm. */
@Path("/tokens")
@ApplicationScoped
@Tag(name = "Tokens")
@Produces(MediaType.APPLICATION_JSON)
public class TokensResource {
  @Inject private AccountService accounts;
  @Inject private LocalRealm realm;
  @Inject private RateLimits limits;
  @Inject private ClientAddresses addresses;

  /** Name and password. */
  public record SignInRequest(@Nullable String name, @Nullable String password) {}

  /** A token and whose it is. */
  public record TokenResponse(String token, String expiresAt, AccountResponse account) {}

  @POST
  @OpenToAll
  @SecurityRequirements
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Sign in with name and password")
  @APIResponse(
      responseCode = "200",
      description = "Signed in",
      content = @Content(schema = @Schema(implementation = TokenResponse.class)))
  @APIResponse(
      responseCode = "default",
      description =
          "Problems: INVALID_VALUE, MALFORMED_REQUEST, INVALID_UTF8, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, WRONG_CREDENTIALS, ACCOUNT_DISABLED, NOT_FOUND",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public Response signIn(@Nullable SignInRequest request, @Context HttpServletRequest http) {
    limits.signInsByAddress().acquire(addresses.of(http));
    SignInRequest body = Call.required(request, "the body");
    String name = Call.required(body.name(), "name");
    String password = Call.required(body.password(), "password");
    TokenIssuer issuer = issuer();
    limits.signIns().acquire(name.strip().toLowerCase(Locale.ROOT));
    Account account =
        accounts
            .authenticate(name, password)
            .orElseThrow(
                () ->
                    new ServiceException(ErrorCode.WRONG_CREDENTIALS, "name or password is wrong"));
    return answer(issuer.issue(account), account);
  }

  @POST
  @Path("refresh")
  @Operation(
      summary = "A fresh token for the bearer of one that still holds, until the session ends")
  @APIResponse(
      responseCode = "200",
      description = "A fresh token",
      content = @Content(schema = @Schema(implementation = TokenResponse.class)))
  @APIResponse(
      responseCode = "default",
      description = "Problems: NOT_FOUND",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public Response refresh(@Context ContainerRequestContext context) {
    Caller caller = Call.of(context).caller();
    return answer(issuer().refresh(caller), caller.account());
  }

  private TokenIssuer issuer() {
    TokenIssuer issuer = realm.issuer();
    if (issuer == null) {
      throw new ServiceException(
          ErrorCode.NOT_FOUND, "people sign in at the external realm, not here");
    }
    return issuer;
  }

  private static Response answer(TokenIssuer.IssuedToken token, Account account) {
    return Response.ok(
            new TokenResponse(
                token.token(), Times.text(token.expiresAt()), AccountResponse.of(account)))
        .header("Cache-Control", "no-store")
        .build();
  }
}
