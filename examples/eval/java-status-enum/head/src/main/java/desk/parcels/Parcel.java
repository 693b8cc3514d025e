package desk.parcels;

import java.util.Objects;

public final class Parcel {
    public enum Status { PACKED, SENT, DELIVERED, RETURNED }

    private final String number;
    private Status status = Status.PACKED;

    public Parcel(String number) {
        this.number = Objects.requireNonNull(number);
    }

    public void moveTo(Status next) {
        if (status == Status.DELIVERED && next != Status.RETURNED) {
            throw new IllegalStateException("parcel " + number + " was delivered");
        }
        status = next;
    }

    public boolean isUnderway() {
        return status == Status.SENT;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Parcel parcel && number.equals(parcel.number);
    }

    @Override
    public int hashCode() {
        return number.hashCode();
    }
}
