/** The mounted canvas, for keys and the finder. */
export interface CanvasHandle { focus(): void; fit(): void }
export const canvasHandle: { current: CanvasHandle | undefined } = { current: undefined };
