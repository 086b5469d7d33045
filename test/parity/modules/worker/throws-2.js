throw new RangeError("thrown when required");
