package io.redknot.cluster;

/** A server reduced to what the core asks it. */
final class SimFacts implements LocalFacts {
  final int[] keys = new int[16384];
  long offset;
  long dataAgeMs = Long.MAX_VALUE;
  boolean holdsWritesBack;
  long sendBufferBytes;

  @Override
  public long keyCount() {
    long count = 0;
    for (int inSlot : keys) {
      count += inSlot;
    }
    return count;
  }

  @Override
  public int keysInSlot(int slot) {
    return keys[slot];
  }

  @Override
  public long replicationOffset() {
    return offset;
  }

  @Override
  public long replicaDataAgeMs() {
    return dataAgeMs;
  }

  @Override
  public boolean holdsWritesBack() {
    return holdsWritesBack;
  }

  @Override
  public long sendBufferBytes(long linkId) {
    return sendBufferBytes;
  }
}
