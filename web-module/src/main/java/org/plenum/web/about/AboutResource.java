package org.plenum.web.about;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirements;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.ProductVersion;
import org.plenum.platform.config.KnownConfig;
import org.plenum.web.api.OpenToAll;
import org.plenum.web.auth.AuthConfig;

/** What runs here, and the API's own description. */
@Path("/")
@ApplicationScoped
@Tag(name = "About")
@Produces(MediaType.APPLICATION_JSON)
public class AboutResource {
  @Inject private AuthConfig auth;

  private final String node = NodeConfig.from(KnownConfig.get()).name();

  /**
   * What runs here.
   *
   * @param realm whether people sign in here ("local") or at an issuer of tokens ("external")
   */
  public record AboutResponse(String name, String version, String node, String realm) {}

  @GET
  @Path("about")
  @OpenToAll
  @SecurityRequirements
  @Operation(summary = "What runs here")
  public AboutResponse about() {
    return new AboutResponse(
        "Plenum", ProductVersion.TEXT, node, auth.external() ? "external" : "local");
  }

  /** The server offers the document at its root; this is its address within the API. */
  @GET
  @Path("openapi")
  @OpenToAll
  @SecurityRequirements
  @Operation(summary = "This description as an OpenAPI document")
  @APIResponse(responseCode = "307", description = "The address of the document")
  public Response openapi() {
    return Response.status(Response.Status.TEMPORARY_REDIRECT)
        .location(URI.create("/openapi?format=JSON"))
        .build();
  }
}
