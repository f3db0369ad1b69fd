export declare const mountedForVite: object;
