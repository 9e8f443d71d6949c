package io.redknot.server.config;

/** The directives that are one of several names. Constants stand in the order Redis lists them. */
public final class Choices {
  private Choices() {}

  /** {@code acl-pubsub-default}. */
  public enum AclPubsubDefault {
    ALLCHANNELS,
    RESETCHANNELS
  }

  /** {@code appendfsync}. */
  public enum Appendfsync {
    EVERYSEC,
    ALWAYS,
    NO
  }

  /** {@code cluster-preferred-endpoint-type}. */
  public enum EndpointType {
    IP,
    HOSTNAME,
    UNKNOWN_ENDPOINT
  }

  /** Who may do a dangerous thing: nobody, everybody, or clients on this machine. */
  public enum Access {
    NO,
    YES,
    LOCAL;

    /** Returns whether a client may, given whether it is connected from this machine. */
    public boolean allows(boolean isLocal) {
      return this == YES || (this == LOCAL && isLocal);
    }
  }

  /** {@code loglevel}. */
  public enum LogLevel {
    DEBUG,
    VERBOSE,
    NOTICE,
    WARNING,
    NOTHING
  }

  /** {@code maxmemory-policy}. */
  public enum MaxmemoryPolicy {
    VOLATILE_LRU,
    VOLATILE_LFU,
    VOLATILE_RANDOM,
    VOLATILE_TTL,
    ALLKEYS_LRU,
    ALLKEYS_LFU,
    ALLKEYS_RANDOM,
    NOEVICTION
  }

  /** {@code oom-score-adj}. */
  public enum OomScoreAdj {
    NO,
    YES,
    RELATIVE,
    ABSOLUTE
  }

  /** {@code propagation-error-behavior}. */
  public enum PropagationError {
    IGNORE,
    PANIC,
    PANIC_ON_REPLICAS
  }

  /** {@code repl-diskless-load}. */
  public enum DisklessLoad {
    DISABLED,
    ON_EMPTY_DB,
    SWAPDB
  }

  /** {@code sanitize-dump-payload}. */
  public enum SanitizeDump {
    NO,
    YES,
    CLIENTS
  }

  /** {@code supervised}. */
  public enum Supervised {
    UPSTART,
    SYSTEMD,
    AUTO,
    NO
  }

  /** {@code syslog-facility}. */
  public enum SyslogFacility {
    USER,
    LOCAL0,
    LOCAL1,
    LOCAL2,
    LOCAL3,
    LOCAL4,
    LOCAL5,
    LOCAL6,
    LOCAL7
  }

  /** {@code tls-auth-clients}. */
  public enum TlsAuthClients {
    NO,
    YES,
    OPTIONAL
  }

  /** {@code redknot-transport}: how sockets are watched. */
  public enum Transport {
    AUTO,
    EPOLL,
    NIO
  }
}
