use x;

