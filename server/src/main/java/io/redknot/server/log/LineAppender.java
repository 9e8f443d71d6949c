package io.redknot.server.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.ZoneId;

/** Writes lines to standard output, or appends them to a file. */
final class LineAppender extends AppenderBase<ILoggingEvent> {
  private final LineFormat format =
      new LineFormat(ProcessHandle.current().pid(), ZoneId.systemDefault());
  private volatile String file = "";
  private volatile char role = 'M';
  private final OutputStream out = System.out;

  /** Where the lines go: a path, or empty for standard output. */
  void writeTo(String path) throws IOException {
    if (!path.isEmpty()) {
      // Opened once to learn whether it can be; afterwards per line, so that it may be rotated.
      openFile(path).close();
    }
    file = path;
  }

  private static OutputStream openFile(String path) throws IOException {
    return Files.newOutputStream(
        Path.of(path), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  void role(char value) {
    role = value;
  }

  @Override
  protected void append(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    format.head(line, role, event.getTimeStamp(), Levels.mark(event.getLevel()));
    line.append(event.getFormattedMessage()).append('\n');
    IThrowableProxy failure = event.getThrowableProxy();
    if (failure != null) {
      line.append(ThrowableProxyUtil.asString(failure));
    }
    write(line.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void write(byte[] bytes) {
    String path = file;
    try {
      if (path.isEmpty()) {
        out.write(bytes);
        out.flush();
        return;
      }
      try (OutputStream target = openFile(path)) {
        target.write(bytes);
      }
    } catch (IOException failure) {
      addError("a log line could not be written", failure);
    }
  }
}
