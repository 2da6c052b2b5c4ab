mod updates;
