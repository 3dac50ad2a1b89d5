export declare const templatesDirectory: string;
/** Every mail kind that has a folder. */
export declare function templateKinds(): string[];
/** The content of the kind's `html.hbs`. */
export declare function compileHtmlTemplate(kind: string): Promise<string>;
