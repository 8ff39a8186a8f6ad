/** A style sheet: it is put into the page when it is imported. */
declare module "*.css";
