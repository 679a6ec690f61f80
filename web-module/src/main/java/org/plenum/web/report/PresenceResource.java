package org.plenum.web.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.ReportQueries;
import org.plenum.report.api.UserState;
import org.plenum.web.api.Call;
import org.plenum.web.error.Problem;
import org.plenum.web.error.ProblemSchema;

/** Who confirmed to be online. */
@Path("/presence")
@ApplicationScoped
@Tag(name = "Reports")
@Produces(MediaType.APPLICATION_JSON)
public class PresenceResource {
  private static final int MAX_USERS = 1_000;

  @Inject private ReportQueries queries;
  @Inject private AccountService accounts;

  /**
   * States: online, away or offline.
   *
   * @param users by the names that were asked for
   * @param accounts by the ids that were asked for
   */
  public record PresenceResponse(Map<String, String> users, Map<String, String> accounts) {}

  @GET
  @Operation(
      summary = "Which of these users confirmed to be online or away",
      description =
          "users: names, accounts: ids, separated by commas, at most 1,000 of each; whoever has no"
              + " state in force is left out.")
  @APIResponse(
      responseCode = "default",
      description = "Problems: INVALID_VALUE, READ_UNAVAILABLE",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = ProblemSchema.class)))
  public PresenceResponse presence(
      @QueryParam("users") @DefaultValue("") String users,
      @QueryParam("accounts") @DefaultValue("") String ids,
      @Context ContainerRequestContext context) {
    Call unused = Call.of(context);
    Set<String> names = new HashSet<>(elements(users, "users"));
    Map<Long, Account> known = accounts.byIds(numbers(ids));
    Set<String> asked = new HashSet<>(names);
    known.values().forEach(account -> asked.add(account.name()));
    Map<String, UserState> states = queries.states(asked);
    Map<String, String> byName = new TreeMap<>();
    Map<String, String> byId = new TreeMap<>();
    states.forEach(
        (name, state) -> {
          if (names.contains(name)) {
            byName.put(name, state.word());
          }
        });
    known.forEach(
        (id, account) -> {
          UserState state = states.get(account.name());
          if (state != null) {
            byId.put(id.toString(), state.word());
          }
        });
    return new PresenceResponse(byName, byId);
  }

  private static List<String> elements(String list, String name) {
    List<String> elements =
        Arrays.stream(list.split(",", -1)).filter(element -> !element.isBlank()).toList();
    if (elements.size() > MAX_USERS) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, name + " has at most " + MAX_USERS + " elements");
    }
    return elements;
  }

  private static List<Long> numbers(String list) {
    return elements(list, "accounts").stream()
        .map(id -> Call.number(id.strip(), "accounts", 0))
        .toList();
  }
}
