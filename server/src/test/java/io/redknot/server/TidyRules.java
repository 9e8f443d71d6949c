package io.redknot.server;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.CatchTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The style rules a machine can check in one source file. The file is parsed by the compiler, so
 * that strings and comments are not taken for code.
 */
final class TidyRules {
  static final int LINE_CHARS_MAX = 100;
  static final int METHOD_LINES_MAX = 60;
  static final int FILE_LINES_MAX = 600;
  static final int CONSTRUCTOR_PARAMETERS_MAX = 6;

  private static final Set<String> BANNED_SUFFIXES =
      Set.of("Manager", "Helper", "Util", "Utils", "Impl", "Base", "Service", "Processor");

  /** Time, properties and randomness that no caller hands in, by {@code owner.member}. */
  private static final Pattern BANNED_MEMBER =
      Pattern.compile(
          "(?:.*\\.)?(?:System\\.(?:currentTimeMillis|nanoTime|getProperty)"
              + "|Instant\\.now|Math\\.random|ThreadLocalRandom\\.current"
              + "|(?:Random|SplittableRandom)\\.new"
              + "|(?:Thread|TimeUnit\\.\\w+|(?:NANO|MICRO|MILLI)?SECONDS)\\.sleep)");

  private static final Set<String> GENERATORS = Set.of("Random", "SplittableRandom");

  private static final Pattern SKIPPING =
      Pattern.compile("Disabled\\w*|EnabledIf\\w*|Ignore|assumeTrue|assumeFalse|assumingThat");

  private static final Set<String> CATCH_ALL = Set.of("Exception", "RuntimeException", "Throwable");

  private static final Pattern LOGGING = Pattern.compile("(?i)log|logger|printStackTrace|err");

  private static final Pattern OPEN_END = Pattern.compile("\\b(?:TO" + "DO|FIX" + "ME)\\b");

  enum Rule {
    LINE_LENGTH,
    METHOD_LENGTH,
    FILE_LENGTH,
    CONSTRUCTOR_PARAMETERS,
    BANNED_CALL,
    BANNED_SUFFIX,
    LOGGED_CATCH_ALL,
    SKIPPED_TEST,
    OPEN_END,
    PACKAGE_INFO
  }

  /**
   * One breach of a rule.
   *
   * @param file path from the repository's root, with slashes
   * @param line counted from 1
   * @param subject what an exemption names: a method, class or member; empty where there is none
   */
  record Offence(Rule rule, String file, long line, String subject, String message) {
    @Override
    public String toString() {
      return file + ":" + line + " " + rule + ": " + message;
    }
  }

  private final String file;
  private final String source;
  private final List<Offence> offences = new ArrayList<>();

  private TidyRules(String file, String source) {
    this.file = file;
    this.source = source;
  }

  /** Checks one file; {@code file} is only used to name it, and to know a package-info. */
  static List<Offence> check(String file, String source) {
    TidyRules rules = new TidyRules(file, source);
    rules.checkText();
    rules.checkTree();
    if (file.endsWith("package-info.java")) {
      rules.checkPackageInfo();
    }
    return List.copyOf(rules.offences);
  }

  private void offend(Rule rule, long line, String subject, String message) {
    offences.add(new Offence(rule, file, line, subject, message));
  }

  private void checkText() {
    List<String> lines = source.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int chars = line.codePointCount(0, line.length());
      // The formatter cannot break an import.
      if (chars > LINE_CHARS_MAX && !line.startsWith("import ")) {
        offend(Rule.LINE_LENGTH, i + 1, "", chars + " columns, " + LINE_CHARS_MAX + " at most");
      }
      if (OPEN_END.matcher(line).find()) {
        offend(Rule.OPEN_END, i + 1, "", "work left open in a comment: do it, or drop it");
      }
    }
    if (lines.size() > FILE_LINES_MAX) {
      offend(Rule.FILE_LENGTH, 1, "", lines.size() + " lines, " + FILE_LINES_MAX + " at most");
    }
  }

  private void checkPackageInfo() {
    if (!source.contains("/**") || !source.contains("Thread: ")) {
      offend(Rule.PACKAGE_INFO, 1, "", "no Javadoc with the purpose and a 'Thread: ' paragraph");
    }
    if (!source.contains("@NullMarked")) {
      offend(Rule.PACKAGE_INFO, 1, "", "not @NullMarked");
    }
  }

  private void checkTree() {
    JavaCompiler compiler =
        Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "no compiler in this JDK");
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    JavacTask task =
        (JavacTask)
            compiler.getTask(
                null, null, problems, List.of("-proc:none"), null, List.of(new Source(source)));
    try {
      for (CompilationUnitTree unit : task.parse()) {
        new Scanner(unit, Trees.instance(task).getSourcePositions()).scan(unit, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!problems.getDiagnostics().isEmpty()) {
      throw new IllegalArgumentException(file + ": " + problems.getDiagnostics());
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///Source.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private final class Scanner extends TreePathScanner<@Nullable Void, @Nullable Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;

    Scanner(CompilationUnitTree unit, SourcePositions positions) {
      this.unit = unit;
      this.positions = positions;
    }

    private long line(Tree tree) {
      return unit.getLineMap().getLineNumber(positions.getStartPosition(unit, tree));
    }

    private long lines(Tree tree) {
      return unit.getLineMap().getLineNumber(positions.getEndPosition(unit, tree) - 1)
          - line(tree)
          + 1;
    }

    @Override
    public @Nullable Void visitClass(ClassTree tree, @Nullable Void unused) {
      String name = tree.getSimpleName().toString();
      String role = name.replaceFirst("Tests?$", "");
      for (String suffix : BANNED_SUFFIXES) {
        if (role.endsWith(suffix)) {
          offend(Rule.BANNED_SUFFIX, line(tree), name, name + " says nothing with -" + suffix);
        }
      }
      for (Tree member : tree.getMembers()) {
        if (member instanceof BlockTree initializer) {
          checkLength(initializer, name + " initializer");
        }
      }
      return super.visitClass(tree, null);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree tree, @Nullable Void unused) {
      String name = tree.getName().toString();
      checkLength(tree, name);
      // A record's constructor has the parameters its components make; a wide record is data.
      Tree owner = getCurrentPath().getParentPath().getLeaf();
      int parameters = tree.getParameters().size();
      if (name.equals("<init>")
          && owner.getKind() != Tree.Kind.RECORD
          && parameters > CONSTRUCTOR_PARAMETERS_MAX) {
        String type = ((ClassTree) owner).getSimpleName().toString();
        offend(
            Rule.CONSTRUCTOR_PARAMETERS,
            line(tree),
            type,
            type
                + " takes "
                + parameters
                + " parameters, "
                + CONSTRUCTOR_PARAMETERS_MAX
                + " at most");
      }
      return super.visitMethod(tree, null);
    }

    private void checkLength(Tree tree, String name) {
      long lines = lines(tree);
      if (lines > METHOD_LINES_MAX) {
        offend(
            Rule.METHOD_LENGTH,
            line(tree),
            name,
            name + " has " + lines + " lines, " + METHOD_LINES_MAX + " at most");
      }
    }

    @Override
    public @Nullable Void visitMemberSelect(MemberSelectTree tree, @Nullable Void unused) {
      checkMember(tree, tree.getExpression() + "." + tree.getIdentifier());
      checkSkipping(tree, tree.getIdentifier().toString());
      return super.visitMemberSelect(tree, null);
    }

    @Override
    public @Nullable Void visitMemberReference(MemberReferenceTree tree, @Nullable Void unused) {
      String member =
          tree.getMode() == MemberReferenceTree.ReferenceMode.NEW
              ? "new"
              : tree.getName().toString();
      checkMember(tree, tree.getQualifierExpression() + "." + member);
      return super.visitMemberReference(tree, null);
    }

    @Override
    public @Nullable Void visitNewClass(NewClassTree tree, @Nullable Void unused) {
      String type = tree.getIdentifier().toString().replaceFirst(".*\\.", "");
      if (GENERATORS.contains(type) && tree.getArguments().isEmpty()) {
        checkMember(tree, type + ".new");
      }
      return super.visitNewClass(tree, null);
    }

    private void checkMember(Tree tree, String member) {
      if (BANNED_MEMBER.matcher(member).matches()) {
        String name = member.substring(member.lastIndexOf('.') + 1);
        offend(Rule.BANNED_CALL, line(tree), name, member + ": take it as an argument");
      }
    }

    @Override
    public @Nullable Void visitIdentifier(IdentifierTree tree, @Nullable Void unused) {
      checkSkipping(tree, tree.getName().toString());
      return super.visitIdentifier(tree, null);
    }

    private void checkSkipping(Tree tree, String name) {
      Tree parent = getCurrentPath().getParentPath().getLeaf();
      boolean annotates = parent instanceof AnnotationTree;
      boolean assumes = name.startsWith("assum");
      if ((annotates || assumes) && SKIPPING.matcher(name).matches()) {
        offend(Rule.SKIPPED_TEST, line(tree), name, name + ": a skipped test proves nothing");
      }
    }

    @Override
    public @Nullable Void visitCatch(CatchTree tree, @Nullable Void unused) {
      String type = tree.getParameter().getType().toString().replaceFirst(".*\\.", "");
      if (CATCH_ALL.contains(type)) {
        CatchBody body = new CatchBody();
        body.scan(tree.getBlock(), null);
        if (!body.throwing && (body.logging || tree.getBlock().getStatements().isEmpty())) {
          offend(
              Rule.LOGGED_CATCH_ALL,
              line(tree),
              type,
              "catches " + type + " and goes on: treat the fault it stands for, or let it pass");
        }
      }
      return super.visitCatch(tree, null);
    }
  }

  private static final class CatchBody extends TreeScanner<@Nullable Void, @Nullable Void> {
    private boolean throwing;
    private boolean logging;

    @Override
    public @Nullable Void visitThrow(ThrowTree tree, @Nullable Void unused) {
      throwing = true;
      return super.visitThrow(tree, null);
    }

    @Override
    public @Nullable Void visitIdentifier(IdentifierTree tree, @Nullable Void unused) {
      logging |= LOGGING.matcher(tree.getName()).matches();
      return super.visitIdentifier(tree, null);
    }

    @Override
    public @Nullable Void visitMemberSelect(MemberSelectTree tree, @Nullable Void unused) {
      logging |= LOGGING.matcher(tree.getIdentifier()).matches();
      return super.visitMemberSelect(tree, null);
    }
  }
}
