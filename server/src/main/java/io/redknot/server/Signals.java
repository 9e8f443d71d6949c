package io.redknot.server;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Signals of the operating system.
 *
 * <p>The JVM's own way, a shutdown hook, can neither refuse to stop nor choose the exit code, so
 * {@code sun.misc.Signal} is used; by reflection, as the compiler has no way to accept it without a
 * warning.
 */
final class Signals {
  private Signals() {}

  /**
   * Calls the action with the signal's name ({@code TERM}) when it arrives, on a thread of the JVM.
   *
   * @return false where this JVM has no signals
   */
  static boolean handle(String name, Consumer<String> action) {
    try {
      Class<?> signalClass = Class.forName("sun.misc.Signal");
      Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handlerClass},
              new Handler(name, action));
      Object signal = signalClass.getConstructor(String.class).newInstance(name);
      signalClass.getMethod("handle", signalClass, handlerClass).invoke(null, signal, handler);
      return true;
    } catch (ReflectiveOperationException | IllegalArgumentException unavailable) {
      return false;
    }
  }

  private record Handler(String name, Consumer<String> action) implements InvocationHandler {
    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] args) {
      // The JVM calls nothing else of it.
      if (method.getName().equals("handle")) {
        action.accept(name);
      }
      return null;
    }
  }
}
