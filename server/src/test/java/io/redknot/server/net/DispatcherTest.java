package io.redknot.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.Server;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandFlag;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.Conditions.Condition;
import io.redknot.server.dispatch.Dispatcher;
import io.redknot.server.dispatch.Guard;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.server.dispatch.Treatment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The way of a command through the dispatcher, with commands of the test's own. */
class DispatcherTest {
  private final RunningServer running = RunningServer.start();
  private final Server server = running.server();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final IoLoop loop =
      new IoLoop(
          channel.eventLoop(),
          server.clock(),
          server.stats().addLoop(),
          UnpooledByteBufAllocator.DEFAULT,
          new UnreadOutput());
  private final ConnectionHandler connection =
      new ConnectionHandler(server, loop, channel, PeerAddress.unix("/tmp/test", 0));
  private final CommandContext ctx = new CommandContext(server, loop.turn(), connection);
  private final RespWriter out = loop.out();
  private final Dispatcher dispatcher = dispatcher();

  @AfterEach
  void stop() {
    channel.finishAndReleaseAll();
    loop.releaseBuffers();
    running.close();
  }

  private Dispatcher dispatcher() {
    CommandTable table = new CommandTable();
    table.add("ping", 1, (context, args, reply) -> reply.simple("PONG")).treated(Treatment.PING);
    table
        .add("set", 3, (context, args, reply) -> reply.ok())
        .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
        .keys(KeySpec.at(1, "OW update"));
    table
        .add("broken", 2, (context, args, reply) -> halfway(reply))
        .keys(KeySpec.at(1, "RO access"));
    table.add("wrong", 1, (context, args, reply) -> wrong(reply));
    table.add("debug", 1, (context, args, reply) -> reply.ok()).guarded(Guard.DEBUG);
    table.seal();
    return new Dispatcher(
        table,
        server.config(),
        server.stats(),
        server.slowLog(),
        server.latencies(),
        server.shards().count());
  }

  private static void halfway(RespWriter reply) {
    reply.array(2);
    reply.bulk("half");
    throw new IllegalStateException("a fault of the test's own");
  }

  private static void wrong(RespWriter reply) {
    reply.array(2);
    throw CommandError.WRONG_TYPE;
  }

  private String run(String... words) {
    loop.beginBatch(false);
    dispatcher.dispatch(ctx, Args.ofText(words), out);
    return new String(out.takeBytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void anErrorTakesBackWhatWasWrittenBefore() {
    assertEquals(
        "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", run("wrong"));
    assertEquals("WRONGTYPE", server.stats().errors().counts().getFirst().code());
  }

  @Test
  void aFaultOfOursIsAnsweredCountedAndLeavesNoLock() {
    assertEquals("-ERR internal error\r\n", run("broken", "key"));
    assertFalse(server.shards().shard(0).isLocked());
    assertEquals(1, server.stats().sum().unexpectedFailures);
    assertEquals("+OK\r\n", run("set", "key", "value"));
  }

  @Test
  void conditionsRefuseInTheOrderOfRedis() {
    dispatcher.conditions().set(Condition.LOADING, true);
    assertTrue(run("ping").startsWith("-LOADING "));
    dispatcher.conditions().set(Condition.READ_ONLY_REPLICA, true);
    assertTrue(run("set", "a", "b").startsWith("-READONLY "));
    dispatcher.conditions().set(Condition.FEW_REPLICAS, true);
    assertTrue(run("set", "a", "b").startsWith("-NOREPLICAS "));
    dispatcher.conditions().diskFailed("MISCONF no space");
    assertEquals("-MISCONF no space\r\n", run("ping"));
    dispatcher.conditions().memoryLimit(() -> true);
    assertTrue(run("set", "a", "b").startsWith("-OOM "));
    connection.authenticated(false);
    assertTrue(run("set", "a", "b").startsWith("-NOAUTH "));
    assertTrue(run("debug").startsWith("-ERR DEBUG command not allowed."));
    assertTrue(run("set", "a").startsWith("-ERR wrong number of arguments for 'set'"));
    assertTrue(run("nothing").startsWith("-ERR unknown command 'nothing'"));
  }

  @Test
  void rejectedAndFailedCallsAreToldApart() {
    run("set", "a");
    run("wrong");
    run("ping");
    int ping = 0;
    int set = 1;
    int wrong = 3;
    assertEquals(1, loop.stats().rejections(set));
    assertEquals(0, loop.stats().calls(set));
    assertEquals(1, loop.stats().failures(wrong));
    assertEquals(1, loop.stats().calls(wrong));
    assertEquals(1, loop.stats().calls(ping));
    assertEquals(0, loop.stats().failures(ping));
  }
}
