# shellcheck shell=bash
# Finding a JDK 25 and building the server. Sourced; needs bash 3.2, and starts no process on the
# usual path, because it stands in the way of every server start.

REDKNOT_JDK_MIN=25

# Sets jdk_version to the feature version of the JDK in folder $1; fails where there is none.
# Read from the `release` file: asking the java binary would cost a JVM start.
jdk_feature_version() {
  local line number
  jdk_version=
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
  while IFS= read -r line; do
    case $line in
      JAVA_VERSION=*)
        number=${line#JAVA_VERSION=}
        number=${number//\"/}
        jdk_version=${number%%[!0-9]*}
        break
        ;;
    esac
  done < "$1/release"
  [ -n "$jdk_version" ]
}

jdk_is_new_enough() {
  [ -n "$1" ] && jdk_feature_version "$1" && [ "$jdk_version" -ge "$REDKNOT_JDK_MIN" ]
}

# Sets jdk_home to the JDK that owns the `java` on the PATH.
jdk_on_path() {
  local java
  jdk_home=
  java=$(command -v java) || return 1
  while [ -L "$java" ]; do
    local target
    target=$(readlink "$java") || return 1
    case $target in
      /*) java=$target ;;
      *) java=${java%/*}/$target ;;
    esac
  done
  jdk_home=${java%/bin/java}
  [ "$jdk_home" != "$java" ]
}

# Sets jdk_home to the newest JDK in the folders where systems and tools keep theirs.
jdk_in_system_folders() {
  local candidate best=0 best_home=
  for candidate in /usr/lib/jvm/* /usr/lib64/jvm/* /opt/java/* /opt/jdk* /opt/homebrew/opt/openjdk* \
    /usr/local/opt/openjdk* /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-/nonexistent}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/*; do
    if jdk_feature_version "$candidate" && [ "$jdk_version" -gt "$best" ]; then
      best=$jdk_version
      best_home=$candidate
    fi
  done
  jdk_home=$best_home
  [ "$best" -ge "$REDKNOT_JDK_MIN" ]
}

# Sets jdk_home, or explains on stderr what to install and fails.
find_jdk() {
  if [ -n "${REDKNOT_JAVA_HOME:-}" ]; then
    jdk_home=$REDKNOT_JAVA_HOME
    jdk_is_new_enough "$jdk_home" && return 0
    echo "redknot: REDKNOT_JAVA_HOME is $jdk_home, which is not a JDK $REDKNOT_JDK_MIN or newer." >&2
    return 1
  fi
  jdk_home=${JAVA_HOME:-}
  jdk_is_new_enough "$jdk_home" && return 0
  jdk_on_path && jdk_is_new_enough "$jdk_home" && return 0
  jdk_in_system_folders && return 0
  cat >&2 <<MESSAGE
redknot: no JDK $REDKNOT_JDK_MIN or newer was found (JAVA_HOME, the java on the PATH, the system's JVM folders).
Install one, for example
  Debian, Ubuntu   apt-get install openjdk-25-jdk-headless   (or Eclipse Temurin, adoptium.net)
  macOS            brew install openjdk@25
  anything else    sdk install java 25-tem                   (sdkman.io)
or name its folder: export REDKNOT_JAVA_HOME=/path/to/jdk-25
MESSAGE
  return 1
}

# Builds the server of repository $1 with $jdk_home if its jar is missing. Maven's output goes to stderr.
build_server_if_missing() {
  local jar=$1/server/target/redknot-server.jar
  [ -f "$jar" ] && return 0
  if [ ! -x "$jdk_home/bin/javac" ]; then
    echo "redknot: $jdk_home has no compiler (bin/javac); building needs a full JDK." >&2
    return 1
  fi
  if ! command -v mvn >/dev/null 2>&1; then
    echo "redknot: the server is not built yet and Maven (mvn) is not installed." >&2
    echo "Install it (apt-get install maven, brew install maven, sdk install maven) and try again." >&2
    return 1
  fi
  echo "redknot: building the server (once; a few minutes on a fresh machine) ..." >&2
  # Maven's own libraries call what a JDK 25 warns of.
  if ! (cd "$1" && JAVA_HOME=$jdk_home MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}" \
    mvn -q -B -Dstyle.color=never -DskipTests package) >&2 || [ ! -f "$jar" ]; then
    echo "redknot: the build failed; see above." >&2
    return 1
  fi
}
