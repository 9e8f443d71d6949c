package io.redknot.server.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Moves slots with their keys by the commands that any client may send. Every step may be taken
 * again, so that a move which was interrupted is finished by another one.
 */
final class SlotMover {
  private static final String BUSY = "BUSYKEY";

  /** The answer to who asks for a key that has just been moved. */
  private static final String ELSEWHERE = "ASK ";

  private final LiveCluster cluster;
  private final MoveOptions options;

  /**
   * How keys are moved.
   *
   * @param batch keys of one MIGRATE
   * @param timeoutMs time in which a MIGRATE has to make progress
   * @param replace where both nodes have a key and differ, that of the slot's owner counts
   */
  record MoveOptions(int batch, int timeoutMs, boolean replace) {}

  SlotMover(LiveCluster cluster, MoveOptions options) {
    this.cluster = cluster;
    this.options = options;
  }

  /** Moves a slot, or what is left of it, from its owner to another primary. */
  void move(int slot, Member from, Member to, Progress progress)
      throws IOException, FormingException {
    if (!to.slots().get(slot)) {
      to.setSlot(slot, "IMPORTING", from.id());
    }
    from.setSlot(slot, "MIGRATING", to.id());
    moveKeys(slot, from, to, progress);
    to.setSlot(slot, "NODE", to.id());
    tell(slot, from, to);
    for (Member other : cluster.primaries()) {
      if (other != from && other != to) {
        tell(slot, other, to);
      }
    }
    progress.slotDone();
  }

  /** The bus tells it too, but later. */
  private static void tell(int slot, Member member, Member owner) throws IOException {
    try {
      member.setSlot(slot, "NODE", owner.id());
    } catch (ReplyException refused) {
      member.refresh();
      if (member.isPrimary()) {
        throw refused;
      }
      // That was its last slot, and it has become a replica of who has it.
    }
  }

  /** Moves the keys of a slot from its owner; both nodes know of the move. */
  void moveKeys(int slot, Member from, Member to, Progress progress)
      throws IOException, FormingException {
    carry(slot, from, to, from, progress);
  }

  /** Moves keys of a slot from a node that imports it to the slot's owner. */
  void gatherKeys(int slot, Member from, Member owner) throws IOException, FormingException {
    carry(slot, from, owner, owner, Progress.none());
  }

  private void carry(int slot, Member from, Member to, Member owner, Progress progress)
      throws IOException, FormingException {
    String number = Integer.toString(slot);
    String batch = Integer.toString(options.batch());
    List<byte[]> keys = from.client().askList("CLUSTER", "GETKEYSINSLOT", number, batch);
    while (!keys.isEmpty()) {
      migrate(from, to, keys, owner);
      progress.keysDone(keys.size());
      keys = from.client().askList("CLUSTER", "GETKEYSINSLOT", number, batch);
    }
  }

  private void migrate(Member from, Member to, List<byte[]> keys, Member owner)
      throws IOException, FormingException {
    try {
      from.client().askBytes(request(to, keys, options.replace() && owner == from));
    } catch (ReplyException refusal) {
      if (!refusal.error().contains(BUSY)) {
        throw refusal;
      }
      if (options.replace()) {
        dropWhatOwnerHas(from, to, keys);
        return;
      }
      for (byte[] key : keys) {
        requireSame(key, from, to, owner);
      }
      from.client().askBytes(request(to, keys, true));
    }
  }

  /** The owner has answered for these keys all the time: what is elsewhere is older. */
  private static void dropWhatOwnerHas(Member from, Member owner, List<byte[]> keys)
      throws IOException {
    for (byte[] key : keys) {
      if (new String(owner.client().askBytes(words("EXISTS", key)), UTF_8).equals("1")) {
        from.client().ask("ASKING");
        from.client().askBytes(words("DEL", key));
      }
    }
  }

  private static List<byte[]> words(String command, byte[] key) {
    return List.of(RespClient.bytes(command).getFirst(), key);
  }

  private List<byte[]> request(Member to, List<byte[]> keys, boolean replace) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "MIGRATE",
                to.address().host(),
                Integer.toString(to.address().port()),
                "",
                "0",
                Integer.toString(options.timeoutMs())));
    if (replace) {
      words.add("REPLACE");
    }
    words.addAll(Credentials.FROM_ENVIRONMENT.ofMigrate());
    words.add("KEYS");
    List<byte[]> request = new ArrayList<>(RespClient.bytes(words.toArray(String[]::new)));
    request.addAll(keys);
    return request;
  }

  /**
   * A node that died while it sent a key has left it at both: it may be sent again if it is one.
   */
  private static void requireSame(byte[] key, Member from, Member to, Member owner)
      throws IOException, FormingException {
    List<byte[]> dump = words("DUMP", key);
    byte[] mine;
    byte[] theirs;
    try {
      from.client().ask("ASKING");
      mine = from.client().askBytes(dump);
      to.client().ask("ASKING");
      theirs = to.client().askBytes(dump);
    } catch (ReplyException refusal) {
      if (refusal.error().startsWith(ELSEWHERE)) {
        return;
      }
      throw refusal;
    } catch (IOException tooLong) {
      throw new FormingException(
          "key '%s' is at both %s and %s, and cannot be compared (%s); --replace takes that of %s"
              .formatted(new String(key, UTF_8), from, to, tooLong.getMessage(), owner));
    }
    if (theirs.length > 0 && mine.length > 0 && !Arrays.equals(mine, theirs)) {
      throw new FormingException(
          "key '%s' is at both %s and %s, and they differ; --replace takes that of %s"
              .formatted(new String(key, UTF_8), from, to, owner));
    }
  }
}
