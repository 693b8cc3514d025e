package desk.export;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

public final class Exporter {
    public void write(Path target, List<String> rows) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(target)) {
            for (String row : rows) {
                writer.write(row);
                writer.newLine();
            }
        }
    }
}
