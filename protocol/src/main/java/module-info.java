/** RESP2 and RESP3: bytes to arguments, replies to bytes. */
module io.redknot.protocol {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;
  requires transitive io.netty.buffer;

  exports io.redknot.protocol;
}
