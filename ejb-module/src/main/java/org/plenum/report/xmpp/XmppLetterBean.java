package org.plenum.report.xmpp;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.KnownConfig;
import org.plenum.report.api.XmppLetterService;

/** The letters of all XMPP servers; a shell. */
@ApplicationScoped
public class XmppLetterBean implements XmppLetterService {
  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  private @Nullable JdbcXmppLetters letters;

  @PostConstruct
  void start() {
    letters = new JdbcXmppLetters(dataSource, XmppConfig.LETTER_LIMIT.from(KnownConfig.get()));
  }

  @Override
  public List<XmppLetter> letters(long before, int most) {
    return started().stored(before, most);
  }

  @Override
  public void discard(long id) {
    if (!started().discard(id)) {
      throw new ServiceException(ErrorCode.NOT_FOUND, "there is no letter " + id);
    }
  }

  private JdbcXmppLetters started() {
    if (letters == null) {
      throw new IllegalStateException("not started");
    }
    return letters;
  }
}
