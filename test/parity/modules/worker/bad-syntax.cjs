const let;
