package io.redknot.server.replication;

/**
 * What a replica tells about itself before it asks for the stream. Written by the connection's
 * event loop, read by any thread.
 */
public final class ReplicaOptions {
  private volatile int port;
  private volatile String ip = "";
  private volatile boolean endMark;
  private volatile boolean psync2;
  private volatile boolean psync = true;
  private volatile boolean rdbOnly;
  private volatile boolean functionsOnly;
  private volatile boolean filtered;
  private volatile boolean promoted;

  /** Whether this node has just become a primary because it asked for that. */
  public boolean hasPromoted() {
    return promoted;
  }

  public void promoted(boolean value) {
    promoted = value;
  }

  /** Where it listens. */
  public int port() {
    return port;
  }

  public void port(int value) {
    port = value;
  }

  /** The address that it wants to be shown with; empty: that of its connection. */
  public String ip() {
    return ip;
  }

  public void ip(String value) {
    ip = value;
  }

  /** Whether it can take a snapshot whose length is not known, up to a mark. */
  public boolean endMark() {
    return endMark;
  }

  public void endMark(boolean value) {
    endMark = value;
  }

  /** Whether it takes another history's name when its stream is continued. */
  public boolean psync2() {
    return psync2;
  }

  public void psync2(boolean value) {
    psync2 = value;
  }

  /** Whether it came with PSYNC: one that came with SYNC acknowledges nothing. */
  public boolean isPsync() {
    return psync;
  }

  public void psync(boolean value) {
    psync = value;
  }

  /** Whether it wants the data set and no stream. */
  public boolean rdbOnly() {
    return rdbOnly;
  }

  public void rdbOnly(boolean value) {
    rdbOnly = value;
  }

  /** Whether it named what it wants of the data set. */
  public boolean isFiltered() {
    return filtered;
  }

  /** Whether it wants nothing but functions, or nothing at all. */
  public boolean functionsOnly() {
    return functionsOnly;
  }

  /** It wants nothing but functions, or (false) nothing at all. */
  public void filter(boolean functions) {
    filtered = true;
    functionsOnly = functions;
  }

  /** Whether both want the same of the data set. */
  boolean hasFilterOf(ReplicaOptions other) {
    return filtered == other.filtered && functionsOnly == other.functionsOnly;
  }
}
