"""What a store costs as it grows: time, memory, disk, and what is found less than exactly."""
