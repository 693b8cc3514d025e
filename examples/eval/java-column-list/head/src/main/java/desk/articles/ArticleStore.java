package desk.articles;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

public final class ArticleStore {
    private static final String COLUMNS = "id, title, stock";
    private static final String BY_ID = "SELECT " + COLUMNS + " FROM articles WHERE id = ?";

    private final Connection connection;

    public ArticleStore(Connection connection) {
        this.connection = connection;
    }

    public Optional<Article> byId(long id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BY_ID)) {
            statement.setLong(1, id);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                return Optional.of(new Article(row.getLong("id"), row.getString("title"), row.getInt("stock")));
            }
        }
    }
}
