package desk.tickets;

import java.time.Instant;
import java.util.Objects;

public final class Ticket {
    private final long id;
    private String status;
    private Instant changed;

    public Ticket(long id, String status, Instant changed) {
        this.id = id;
        this.status = Objects.requireNonNull(status);
        this.changed = Objects.requireNonNull(changed);
    }

    /** Closes it if the last word was ours; says whether it did. */
    public boolean closeIfAnswered(Instant now) {
        if (status == "answered") {
            status = "closed";
            changed = now;
            return true;
        }
        return false;
    }

    public long id() {
        return id;
    }
}
