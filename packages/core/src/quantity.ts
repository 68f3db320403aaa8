// Quantities: decimals with at most four places, kept as safe integers of one ten-thousandth.

declare const quantityBrand: unique symbol;

/** A number of units times 10,000, always a safe integer. */
export type Quantity = number & { readonly [quantityBrand]: 'Quantity' };
