package org.plenum.web.error;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;

/**
 * The form of a problem in the API's description; {@link Problem} writes it.
 *
 * @param type {@code urn:plenum:error:} and the code in lower case
 * @param title a short sentence for people
 * @param detail what exactly was wrong
 * @param code what programs decide by
 * @param correlationId finds the request in the server's log
 * @param retryAfter seconds after which to try again
 */
@Schema(name = "Problem")
public record ProblemSchema(
    String type,
    String title,
    int status,
    String detail,
    ErrorCode code,
    @Nullable String correlationId,
    @Nullable Long retryAfter) {}
