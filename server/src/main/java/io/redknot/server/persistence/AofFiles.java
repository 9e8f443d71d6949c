package io.redknot.server.persistence;

import io.redknot.server.ServerFiles;
import io.redknot.server.config.FileErrors;
import io.redknot.server.config.ServerConfig;
import io.redknot.server.persistence.Disk.Mode;
import io.redknot.server.persistence.Disk.OpenFile;
import io.redknot.storage.aof.AofFile;
import io.redknot.storage.aof.AofManifest;
import io.redknot.storage.aof.ManifestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of the append-only file: its manifest, and where the files are that it lists. The
 * manifest on disk is replaced as a whole, and what it lists is there before it lists it.
 *
 * <p>One thread at a time.
 */
final class AofFiles {
  private static final Logger LOG = LoggerFactory.getLogger(AofFiles.class);

  private final Disk disk;
  private final Path outside;
  private final Path folder;
  private final String name;
  private AofManifest manifest = AofManifest.empty();

  /**
   * What was last tried to make the manifest. Where that failed nobody knows whether it is on disk,
   * so the numbers in it are not given to other files.
   */
  private AofManifest tried = AofManifest.empty();

  AofFiles(Disk disk, ServerConfig config) {
    this.disk = disk;
    this.name = config.appendfilename.get();
    this.outside = config.dir.get();
    this.folder = ServerFiles.path(config, config.appenddirname.get());
  }

  /** Whether there is an append-only file, be it one of a version that had only one file. */
  boolean exist() {
    return disk.exists(manifestPath()) || disk.exists(oldFile());
  }

  private Path manifestPath() {
    return inFolder(AofManifest.fileName(name));
  }

  /** Where versions before 7 had their only file. */
  private Path oldFile() {
    return outside.resolve(bytes(name));
  }

  private Path inFolder(String file) {
    return folder.resolve(bytes(file));
  }

  /** Names are byte strings, one {@code char} a byte. */
  private static String bytes(String file) {
    return new String(file.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  Path path(AofFile file) {
    return inFolder(file.name());
  }

  /** A file beside the listed ones that takes the place of an increment until it may be listed. */
  Path temporaryIncrement() {
    return inFolder("temp-" + name + ".incr");
  }

  /** Where a base is written; on the same file system as the folder. */
  Path temporaryBase() {
    return outside.resolve("temp-rewriteaof-bg-" + ProcessHandle.current().pid() + ".aof");
  }

  Disk disk() {
    return disk;
  }

  /** The manifest in force. */
  AofManifest manifest() {
    return manifest;
  }

  AofFile nextBase(boolean rdb) {
    return manifest.numberedAfter(tried).nextBase(name, rdb);
  }

  AofFile nextIncrement() {
    return manifest.numberedAfter(tried).nextIncrement(name);
  }

  /**
   * Reads the manifest, and takes an old single file over as the first base. Where there is
   * neither, the manifest is empty.
   *
   * @throws IOException where a file cannot be used; all stay as they are
   */
  void read() throws IOException {
    if (disk.exists(manifestPath())) {
      try {
        manifest = AofManifest.parse(content());
      } catch (ManifestException wrong) {
        throw new IOException(
            ("FATAL AOF MANIFEST FILE ERROR: reading the manifest file, at line %d:"
                    + " >>> '%s' <<<: %s")
                .formatted(wrong.line(), wrong.text(), wrong.getMessage()),
            wrong);
      }
    }
    tried = manifest;
    if (disk.exists(oldFile()) && isToBeTakenOver()) {
      takeOver();
    }
  }

  /** Also where that was begun before, and the file itself is not in the folder yet. */
  private boolean isToBeTakenOver() {
    AofFile base = manifest.base();
    if (base == null) {
      return manifest.increments().isEmpty() && manifest.history().isEmpty();
    }
    return manifest.toLoad().size() == 1
        && manifest.history().isEmpty()
        && base.name().equals(name)
        && !disk.exists(path(base));
  }

  private void takeOver() throws IOException {
    disk.createFolder(folder);
    AofFile base = new AofFile(name, 1, AofFile.Role.BASE);
    if (manifest.base() == null) {
      write(manifest.rewritten(base, 1));
    }
    disk.rename(oldFile(), path(base));
    disk.syncFolder(folder);
    disk.syncFolder(outside);
    LOG.info("Successfully migrated an old-style AOF configuration ({}) into {}.", name, folder);
  }

  private byte[] content() throws IOException {
    try (OpenFile file = disk.open(manifestPath(), Mode.READ)) {
      long size = file.size();
      if (size > AofManifest.BYTES_MAX) {
        throw new IOException("The AOF manifest file is too large: " + size + " bytes");
      }
      ByteBuffer target = ByteBuffer.allocate((int) size);
      while (target.hasRemaining() && file.read(target) >= 0) {
        // A file may come in pieces.
      }
      return target.flip().hasRemaining() ? copy(target) : new byte[0];
    }
  }

  private static byte[] copy(ByteBuffer source) {
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    return bytes;
  }

  /** Bytes of files that are listed. */
  long bytes(List<AofFile> listed) throws IOException {
    long bytes = 0;
    for (AofFile file : listed) {
      bytes += size(file);
    }
    return bytes;
  }

  /** Bytes of a file that is listed. */
  long size(AofFile file) throws IOException {
    try (OpenFile open = disk.open(path(file), Mode.READ)) {
      return open.size();
    } catch (IOException missing) {
      throw new IOException(
          "Unable to obtain the AOF file "
              + file.name()
              + " length. stat: "
              + FileErrors.text(missing),
          missing);
    }
  }

  /** Replaces the manifest; when this returns it is on disk. */
  void write(AofManifest next) throws IOException {
    tried = next.numberedAfter(tried);
    disk.createFolder(folder);
    Path temporary = inFolder("temp-" + AofManifest.fileName(name));
    try (OpenFile file = disk.open(temporary, Mode.REPLACE)) {
      file.writeAll(ByteBuffer.wrap(next.format()));
      file.sync();
      disk.rename(temporary, manifestPath());
    } catch (IOException failure) {
      disk.delete(temporary);
      throw failure;
    }
    disk.syncFolder(folder);
    manifest = next;
  }

  /** What a manifest is made of, and what has to be done before that can be known. */
  interface Step {
    AofManifest next() throws IOException;
  }

  /**
   * As {@link #write(AofManifest)}, for a manifest that lists files for the first time. Where it
   * does not come to it, they are removed: nobody would do it later.
   */
  void writeOrRemove(Step step, AofFile... made) throws IOException {
    try {
      write(step.next());
    } catch (IOException failure) {
      if (!isListed(made)) {
        for (AofFile file : made) {
          disk.delete(path(file));
        }
      }
      throw failure;
    }
  }

  /** Whether the manifest on disk lists one of them; where that is not known it may. */
  private boolean isListed(AofFile... files) {
    try {
      List<AofFile> listed =
          disk.exists(manifestPath()) ? AofManifest.parse(content()).toLoad() : List.of();
      return Arrays.stream(files).anyMatch(listed::contains);
    } catch (IOException unknown) {
      return true;
    }
  }

  /** Makes sure that the folder is there and will be. */
  void createFolder() throws IOException {
    boolean made = !disk.exists(folder);
    disk.createFolder(folder);
    if (made) {
      disk.syncFolder(outside);
    }
  }

  /** Removes what the manifest lists as history, and then does not list it any more. */
  void deleteHistory() throws IOException {
    List<AofFile> history = manifest.history();
    if (history.isEmpty()) {
      return;
    }
    for (AofFile file : history) {
      LOG.info("Removing the history file {} in the background", file.name());
      disk.delete(path(file));
    }
    write(manifest.withoutHistory());
  }
}
