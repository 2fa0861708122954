import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.transport.Netty4Plugin;

/** One node of a cluster in this process, set by name=value; it ends when its input ends. */
public final class TestNode extends Node {
    private TestNode(Environment environment) {
        super(environment, List.of(Netty4Plugin.class, PainlessPlugin.class), false);
    }

    public static void main(String[] words) throws Exception {
        Settings.Builder settings = Settings.builder();
        for (String word : words) {
            int mark = word.indexOf('=');
            String value = word.substring(mark + 1);
            if (value.contains(",")) {
                settings.putList(word.substring(0, mark), value.split(","));
            } else {
                settings.put(word.substring(0, mark), value);
            }
        }
        Environment environment =
            InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), null, () -> "node");
        try (Node node = new TestNode(environment)) {
            node.start();
            System.out.println("started");
            waitForTheEnd();
        }
    }

    private static void waitForTheEnd() throws IOException {
        while (System.in.read() >= 0) {
            continue;
        }
    }
}
